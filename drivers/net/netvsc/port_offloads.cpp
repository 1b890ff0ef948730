#include "net/netvsc/port.hpp"

#include <rte_cycles.h>

#include <cerrno>
#include <cstring>

#include "net/netvsc/ethdev_offloads.hpp"
#include "net/netvsc/log.hpp"

namespace vmbus::netvsc {

/// Tells the host what the application has configured.
int Port::use_offloads() noexcept {
    if (!alive()) {
        return -ENODEV;
    }
    const UsedOffloads wanted = used_of(ethdev_.data->dev_conf, session_->facts().offloads);
    const int error = session_->use_offloads(wanted);
    if (error != 0) {
        log_line(LogType::kDriver, RTE_LOG_ERR, "%s: switching offloads: %s", device_.name(),
                 std::strerror(-error));
    }
    // A host that keeps on verifying unasked does no harm.
    return error == -EIO && wanted == UsedOffloads{} ? 0 : error;
}

RxSettings Port::receive_settings() const noexcept {
    const std::uint64_t offloads = ethdev_.data->dev_conf.rxmode.offloads;
    return {.vlan_strip = (offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP) != 0,
            .packet_types = packet_types_};
}

RxOptions Port::receive_options() const noexcept {
    const rte_eth_conf& conf = ethdev_.data->dev_conf;
    const std::uint64_t offloads = conf.rxmode.offloads;
    const bool coalesced = (offloads & RTE_ETH_RX_OFFLOAD_TCP_LRO) != 0;
    return {.vlan_strip = receive_settings().vlan_strip,
            .scatter = (offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0,
            .coalesced = coalesced,
            .rss_hash = (offloads & RTE_ETH_RX_OFFLOAD_RSS_HASH) != 0,
            // Of what was put together the old sum is stale, which has to be said.
            .checksum_flags = reported_flags(checksums_of(conf).rx) |
                              (coalesced ? std::uint64_t{RTE_MBUF_F_RX_L4_CKSUM_MASK} : 0U),
            .packet_types = packet_types_,
            .ack_batch = arguments_.rx_ack_batch,
            .ack_cycles = rte_get_tsc_hz() / 1'000'000 * arguments_.latency_us,
            .lend_above = arguments_.rx_extmbuf ? arguments_.rx_copybreak : kNeverLend,
            .count_frames = arguments_.frame_xstats,
            .addresses = &lent_addresses_};
}

void Port::change_receive_settings() noexcept {
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        if (rx(q) != nullptr) {
            rx(q)->change(receive_settings());
        }
    }
}

void Port::apply_vlan_offloads() noexcept {
    change_receive_settings();
    vf_.renew();
}

void Port::set_packet_types(std::uint32_t mask) noexcept {
    packet_types_ = packet_types_for(mask);
    change_receive_settings();
}

}  // namespace vmbus::netvsc
