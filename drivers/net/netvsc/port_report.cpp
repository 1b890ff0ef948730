// What a port tells people and tools of itself: version, dump, registers.
#include <rte_dev_info.h>

#include <cerrno>
#include <cstring>

#include "net/netvsc/port.hpp"

namespace vmbus::netvsc {
namespace {

struct StateName {
    PortState state;
    const char* name;
};
constexpr StateName kStateNames[] = {
    {PortState::kMapped, "mapped"},         {PortState::kReady, "ready"},
    {PortState::kConfigured, "configured"}, {PortState::kStarted, "started"},
    {PortState::kClosed, "closed"},
};

const char* name_of(PortState state) noexcept {
    for (const StateName& each : kStateNames) {
        if (each.state == state) {
            return each.name;
        }
    }
    return "unknown";
}

void dump_facts(std::FILE* file, const HostFacts& facts) noexcept {
    std::fprintf(file, "  receive buffer: %u pieces of %u bytes; send buffer: %u sections of %u\n",
                 facts.receive.count, facts.receive.sub_allocation_size, facts.send.sections,
                 facts.send.section_bytes);
    const HostOffloads& can = facts.offloads;
    std::fprintf(file,
                 "  host: checksums tx 0x%02x rx 0x%02x; segmentation up to %u (IPv4), %u (IPv6); "
                 "coalescing %s\n",
                 can.checksums.tx, can.checksums.rx, can.lso_ipv4.max_bytes, can.lso_ipv6.max_bytes,
                 can.coalesces ? "yes" : "no");
}

}  // namespace

int Port::firmware_version(std::span<char> text) const noexcept {
    if (session_ == nullptr) {
        return -ENODEV;
    }
    const int length = std::snprintf(text.data(), text.size(), "NVSP %s, NDIS 6.%u",
                                     codec::version_name(session_->version()),
                                     codec::ndis_minor_for(session_->version()));
    return static_cast<std::size_t>(length) < text.size() ? 0 : length + 1;
}

void Port::describe_rx_burst(std::uint16_t id, std::span<char> text) const noexcept {
    const RxOptions& options = rx(id)->options();
    std::snprintf(text.data(), text.size(), "Scalar%s%s%s", options.scatter ? ", scattered" : "",
                  options.coalesced ? ", coalesced" : "",
                  options.lend_above != kNeverLend ? ", lent" : "");
}

void Port::describe_tx_burst(std::uint16_t id, std::span<char> text) const noexcept {
    const TxOptions& options = tx(id)->options();
    std::snprintf(text.data(), text.size(), "Scalar%s%s",
                  options.single_producer ? ", single producer" : "",
                  options.addresses_known ? ", large packets from their pages" : ", copied");
}

void Port::dump(std::FILE* file) noexcept {
    std::fprintf(file, "netvsc %s: %s, filter 0x%02x\n", device_.name(), name_of(state_), filter_);
    if (session_ == nullptr) {
        std::fprintf(file, "  no session\n");
        return;
    }
    std::fprintf(file, "  NVSP %s, MTU %u, %s, guest-physical addresses %s\n",
                 codec::version_name(session_->version()), session_->mtu(),
                 alive() ? "alive" : "dead", addresses_known_ ? "known" : "unknown");
    dump_facts(file, session_->facts());
    std::fprintf(file, "  ring: %u of %u bytes sent and unread, %u of %u unread, %llu signals\n",
                 session_->channel().tx().bytes_in_flight(), session_->channel().tx().size(),
                 session_->channel().rx().bytes_unread(), session_->channel().rx().size(),
                 static_cast<unsigned long long>(session_->channel().signals()));
    for_each_counter(
        [file](const char* direction, unsigned queue, const char* name, std::uint64_t value) {
            if (value != 0) {
                std::fprintf(file, "  %s_q%u_%s: %llu\n", direction, queue, name,
                             static_cast<unsigned long long>(value));
            }
        });
}

int Port::read_registers(rte_dev_reg_info& info) noexcept {
    // Of a ring page: the four words in use, the reserved ones behind them, the feature bits.
    constexpr std::uint32_t kWords = offsetof(wire::RingPage, feature_bits) / 4 + 1;
    constexpr std::uint32_t kRegisters = 2 * kWords;
    info.width = sizeof(std::uint32_t);
    info.version = 1;
    if (info.data == nullptr) {
        info.length = kRegisters;
        return 0;
    }
    if (!alive() || info.offset > kRegisters ||
        (info.length != 0 && info.length > kRegisters - info.offset)) {
        return alive() ? -EINVAL : -ENODEV;
    }
    const base::Bytes rings = device_.region(bus::Map::kRings);
    std::array<std::uint32_t, kRegisters> words{};
    constexpr std::size_t kBytes = std::size_t{kWords} * 4;
    std::memcpy(words.data(), rings.data(), kBytes);
    std::memcpy(words.data() + kWords, rings.data() + rings.size() / 2, kBytes);
    const std::uint32_t count = info.length == 0 ? kRegisters - info.offset : info.length;
    std::memcpy(info.data, words.data() + info.offset, std::size_t{count} * 4);
    info.length = count;
    return 0;
}

}  // namespace vmbus::netvsc
