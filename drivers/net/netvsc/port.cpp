#include "net/netvsc/port.hpp"

#include <rte_ether.h>
#include <rte_malloc.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <new>
#include <thread>

#include "net/netvsc/ethdev_offloads.hpp"
#include "net/netvsc/guest_address.hpp"
#include "net/netvsc/log.hpp"
#include "net/netvsc/tx_prepare.hpp"

namespace vmbus::netvsc {
namespace {

constexpr std::uint16_t kTagBytes = 4;
constexpr std::uint16_t kMaxRing = 4096;
constexpr std::uint16_t kMinRing = 32;
constexpr std::uint32_t kMinRxBuffer = 1024;
/// How long a stop waits for what the host still has.
constexpr std::chrono::milliseconds kDrain{500};

constexpr std::uint64_t kRxOffloads = RTE_ETH_RX_OFFLOAD_VLAN_STRIP | RTE_ETH_RX_OFFLOAD_SCATTER;
constexpr std::uint64_t kTxOffloads =
    RTE_ETH_TX_OFFLOAD_VLAN_INSERT | RTE_ETH_TX_OFFLOAD_MULTI_SEGS;

void free_mbuf(rte_mbuf* mbuf) noexcept {
    rte_pktmbuf_free(mbuf);
}

/// Whether an mbuf's IOVA is an address that the host can use. In VA mode it is one only where
/// virtual and guest-physical addresses are the same, as on the emulated host.
bool host_knows_our_addresses() noexcept {
    if (rte_eal_iova_mode() == RTE_IOVA_PA) {
        return true;
    }
    void* probe = rte_zmalloc("netvsc_probe", RTE_CACHE_LINE_SIZE, 0);
    const bool same =
        probe != nullptr && physical_address(probe) == reinterpret_cast<std::uintptr_t>(probe);
    rte_free(probe);
    return same;
}

}  // namespace

Port::~Port() {
    close();
}

bool Port::step(PortStep step) noexcept {
    const auto next = after(state_, step);
    if (next) {
        state_ = *next;
    }
    return next.has_value();
}

int Port::attach(std::uint32_t mtu) noexcept {
    if (!after(state_, PortStep::kAttach)) {
        return -EBUSY;
    }
    if (!device_.mapped()) {
        if (const int error = device_.map(); error != 0) {
            return error;
        }
    }
    SessionResources resources{.channel = device_.open_primary_channel(arguments_.ring_mode),
                               .receive_buffer = device_.region(bus::Map::kReceiveBuffer),
                               .send_buffer = device_.region(bus::Map::kSendBuffer),
                               .receive_gpadl = device_.receive_gpadl(),
                               .send_gpadl = device_.send_gpadl()};
    if (resources.channel == nullptr) {
        return -EIO;
    }
    set_latency();
    Session::Failure failure;
    session_ = Session::open(std::move(resources),
                             {.mtu = mtu,
                              .deadlines = {},
                              .attention = events_.attention(),
                              .counters = &ring_counters_,
                              .free_mbuf = free_mbuf},
                             failure);
    if (session_ == nullptr) {
        log_line(LogType::kInit, RTE_LOG_ERR, "%s: %s: %s", device_.name(), failure.doing,
                 std::strerror(failure.error));
        return -failure.error;
    }
    addresses_known_ = host_knows_our_addresses();
    log_line(LogType::kInit, RTE_LOG_INFO, "%s: NVSP %s, %s", device_.name(),
             codec::version_name(session_->version()),
             addresses_known_ ? "large packets are sent from their pages"
                              : "no guest-physical addresses: every packet is copied");
    filter_ = oids::kFilterNone;
    step(PortStep::kAttach);
    return events_.watch(*session_);
}

/// How soon the host looks at our monitor bit, in its units of 100 ns.
void Port::set_latency() noexcept {
    const std::uint8_t id = device_.identity().monitor_id;
    if (id == wire::kNoMonitor) {
        return;
    }
    auto* page =
        reinterpret_cast<wire::MonitorPage*>(device_.region(bus::Map::kMonitorPage).data());
    page->latency[id / wire::kMonitorBitsPerGroup][id % wire::kMonitorBitsPerGroup] =
        static_cast<std::uint16_t>(arguments_.latency_us * 10);
}

void Port::detach() noexcept {
    events_.unwatch();
    session_.reset();
    // The kernel resets a channel when it is unmapped, and only then.
    device_.unmap();
    step(PortStep::kDetach);
}

int Port::configure() noexcept {
    if (!after(state_, PortStep::kConfigure)) {
        return session_ == nullptr ? -ENODEV : -EBUSY;
    }
    if (ethdev_.data->mtu != session_->mtu()) {
        if (const int error = rebuild(ethdev_.data->mtu); error != 0) {
            return error;
        }
    }
    if (const int error = use_checksums(); error != 0) {
        return error;
    }
    step(PortStep::kConfigure);
    return 0;
}

/// Tells the host what the application has configured.
int Port::use_checksums() noexcept {
    const ChecksumOffloads wanted = checksums_of(ethdev_.data->dev_conf);
    const int error = alive() ? session_->use_checksums(wanted) : -ENODEV;
    if (error != 0) {
        log_line(LogType::kDriver, RTE_LOG_ERR, "%s: switching checksum offloads: %s",
                 device_.name(), std::strerror(-error));
    }
    // A host that keeps on verifying unasked does no harm.
    return error == -EIO && wanted == ChecksumOffloads{} ? 0 : error;
}

/// A new session for another MTU; the old one again when the host does not want it.
int Port::rebuild(std::uint32_t mtu) noexcept {
    if (!alive()) {
        return -ENODEV;
    }
    const std::uint32_t old_mtu = session_->mtu();
    detach();
    const int error = attach(mtu);
    if (error != 0) {
        device_.unmap();
        if (attach(old_mtu) != 0) {
            log_line(LogType::kInit, RTE_LOG_ERR, "%s: the old MTU does not work either",
                     device_.name());
        }
    }
    return error;
}

int Port::set_mtu(std::uint32_t mtu) noexcept {
    if (state_ == PortState::kStarted) {
        return -EBUSY;
    }
    if (session_ == nullptr || mtu == session_->mtu()) {
        return session_ == nullptr ? -ENODEV : 0;
    }
    const bool configured = state_ == PortState::kConfigured;
    int error = rebuild(mtu);
    if (configured && session_ != nullptr) {
        const int told = use_checksums();
        error = error != 0 ? error : told;
        step(PortStep::kConfigure);
    }
    return error;
}

int Port::start() noexcept {
    if (!after(state_, PortStep::kStart)) {
        return -EINVAL;
    }
    if (!alive()) {
        return -ENODEV;
    }
    start_queues();
    step(PortStep::kStart);
    if (const int error = apply_filter(); error != 0) {
        stop();
        return error;
    }
    events_.refresh_link();
    return 0;
}

int Port::stop() noexcept {
    if (!after(state_, PortStep::kStop)) {
        return 0;
    }
    session_->link().set_data_path_running(false);
    step(PortStep::kStop);
    apply_filter();
    drain();
    stop_queues();
    return 0;
}

int Port::close() noexcept {
    if (state_ == PortState::kClosed) {
        return 0;
    }
    stop();
    if (session_ != nullptr) {
        detach();
    }
    events_.cancel_alarms();
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        release_rx(q);
    }
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        release_tx(q);
    }
    step(PortStep::kClose);
    return 0;
}

void Port::start_queues() noexcept {
    const std::uint64_t rx_offloads = ethdev_.data->dev_conf.rxmode.offloads;
    const ChecksumOffloads checksums = checksums_of(ethdev_.data->dev_conf);
    const RxOptions rx_options{.vlan_strip = (rx_offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP) != 0,
                               .scatter = (rx_offloads & RTE_ETH_RX_OFFLOAD_SCATTER) != 0,
                               .checksum_flags = reported_flags(checksums.rx)};
    const TxOptions tx_options{
        .copybreak = arguments_.tx_copybreak,
        .addresses_known = addresses_known_,
        .single_producer = arguments_.ring_mode == ring::Publication::kSingle,
        .checksums = checksums.tx};
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        rx(q)->start(*session_, rx_options);
        ethdev_.data->rx_queue_state[q] = RTE_ETH_QUEUE_STATE_STARTED;
    }
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        tx(q)->start(*session_, tx_options);
        ethdev_.data->tx_queue_state[q] = RTE_ETH_QUEUE_STATE_STARTED;
    }
    session_->link().set_data_path_running(true);
}

void Port::stop_queues() noexcept {
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        rx(q)->stop();
        ethdev_.data->rx_queue_state[q] = RTE_ETH_QUEUE_STATE_STOPPED;
    }
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        tx(q)->stop();
        ethdev_.data->tx_queue_state[q] = RTE_ETH_QUEUE_STATE_STOPPED;
    }
}

/// Gives back what was not received, and waits for what was sent.
void Port::drain() noexcept {
    const auto deadline = std::chrono::steady_clock::now() + kDrain;
    while (alive()) {
        {
            const Ownership own(session_->owner());
            if (own) {
                session_->inbound().take_all();
                session_->inbound().discard_ranges();
                session_->inbound().finish();
            }
        }
        std::uint32_t outstanding = 0;
        for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
            tx(q)->reap();
            outstanding += tx(q)->outstanding();
        }
        if (outstanding == 0 || std::chrono::steady_clock::now() >= deadline) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
}

int Port::apply_filter() noexcept {
    const std::uint32_t wanted = state_ == PortState::kStarted
                                     ? oids::filter_for(promiscuous_, all_multicast_)
                                     : std::uint32_t{oids::kFilterNone};
    if (wanted == filter_ || session_ == nullptr) {
        return 0;
    }
    const int error = alive() ? oids::set_packet_filter(session_->rndis(), wanted) : -ENODEV;
    if (error == 0) {
        filter_ = wanted;
    }
    return error;
}

int Port::set_promiscuous(bool on) noexcept {
    const bool before = std::exchange(promiscuous_, on);
    const int error = apply_filter();
    if (error != 0) {
        promiscuous_ = before;
    }
    return error;
}

int Port::set_all_multicast(bool on) noexcept {
    const bool before = std::exchange(all_multicast_, on);
    const int error = apply_filter();
    if (error != 0) {
        all_multicast_ = before;
    }
    return error;
}

int Port::update_link() noexcept {
    return events_.refresh_link() ? 0 : -1;
}

std::uint32_t Port::max_mtu() const noexcept {
    if (session_ == nullptr || session_->version() == wire::NvspVersion::kV1) {
        return RTE_ETHER_MTU;
    }
    std::uint32_t frame = kMaxFrame;
    if (!addresses_known_) {
        frame = std::min(frame, max_copied_frame(session_->facts().send.section_bytes) - kTagBytes);
    }
    return frame - RTE_ETHER_HDR_LEN;
}

void Port::describe(rte_eth_dev_info& info) const noexcept {
    info.min_mtu = RTE_ETHER_MIN_MTU;
    info.max_mtu = static_cast<std::uint16_t>(max_mtu());
    info.max_rx_pktlen = std::uint32_t{info.max_mtu} + RTE_ETHER_HDR_LEN + kTagBytes;
    info.min_rx_bufsize = kMinRxBuffer;
    info.max_rx_queues = kMaxQueues;
    info.max_tx_queues = kMaxQueues;
    info.max_mac_addrs = 1;
    info.rx_offload_capa = kRxOffloads;
    info.tx_offload_capa = kTxOffloads;
    info.rx_desc_lim.nb_max = kMaxRing;
    info.rx_desc_lim.nb_min = kMinRing;
    info.rx_desc_lim.nb_align = 1;
    info.tx_desc_lim = info.rx_desc_lim;
    info.tx_desc_lim.nb_seg_max = kMaxSegments;
    info.tx_desc_lim.nb_mtu_seg_max = kMaxSegments;
    info.default_rxportconf = {.burst_size = 32, .ring_size = 512, .nb_queues = 1};
    info.default_txportconf = info.default_rxportconf;
    if (session_ != nullptr) {
        announce(session_->facts().checksums, info);
        info.speed_capa =
            rte_eth_speed_bitflag(session_->facts().speed_mbps, RTE_ETH_LINK_FULL_DUPLEX);
    }
}

int Port::set_up_rx(std::uint16_t id, std::uint16_t ring_size, rte_mempool& pool) noexcept {
    ethdev_.data->rx_queues[id] =
        new (std::nothrow) RxQueue(pool, ethdev_.data->port_id, ring_size);
    return ethdev_.data->rx_queues[id] == nullptr ? -ENOMEM : 0;
}

int Port::set_up_tx(std::uint16_t id, std::uint16_t ring_size) noexcept {
    ethdev_.data->tx_queues[id] = new (std::nothrow) TxQueue(ring_size);
    return ethdev_.data->tx_queues[id] == nullptr ? -ENOMEM : 0;
}

void Port::release_rx(std::uint16_t id) noexcept {
    delete rx(id);
    ethdev_.data->rx_queues[id] = nullptr;
}

void Port::release_tx(std::uint16_t id) noexcept {
    delete tx(id);
    ethdev_.data->tx_queues[id] = nullptr;
}

void Port::read_stats(rte_eth_stats& stats) const noexcept {
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        if (rx(q) == nullptr) {
            continue;
        }
        const RxCounters& counters = rx(q)->counters();
        stats.ipackets += counters[RxCount::kPackets].value();
        stats.ibytes += counters[RxCount::kBytes].value();
        stats.ierrors += errors_of(counters);
        stats.rx_nombuf += counters[RxCount::kNoMbuf].value();
        if (q < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
            stats.q_ipackets[q] = counters[RxCount::kPackets].value();
            stats.q_ibytes[q] = counters[RxCount::kBytes].value();
            stats.q_errors[q] = errors_of(counters);
        }
    }
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        if (tx(q) == nullptr) {
            continue;
        }
        const TxCounters& counters = tx(q)->counters();
        stats.opackets += counters[TxCount::kPackets].value();
        stats.obytes += counters[TxCount::kBytes].value();
        stats.oerrors += errors_of(counters);
        if (q < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
            stats.q_opackets[q] = counters[TxCount::kPackets].value();
            stats.q_obytes[q] = counters[TxCount::kBytes].value();
        }
    }
}

void Port::reset_stats() noexcept {
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        if (rx(q) != nullptr) {
            rx(q)->counters().reset();
        }
    }
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        if (tx(q) != nullptr) {
            tx(q)->counters().reset();
        }
    }
    ring_counters_.reset();
}

}  // namespace vmbus::netvsc
