// PortView: version, dump, registers.
#include <cerrno>
#include <cstring>

#include "net/netvsc/port_view.hpp"

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

constexpr unsigned long long number(std::uint64_t value) noexcept {
    return value;
}

}  // namespace

int PortView::firmware_version(std::span<char> text) const noexcept {
    if (!facts.attached) {
        return -ENODEV;
    }
    const int length =
        std::snprintf(text.data(), text.size(), "NVSP %s, NDIS 6.%u",
                      codec::version_name(facts.version), codec::ndis_minor_for(facts.version));
    return static_cast<std::size_t>(length) < text.size() ? 0 : length + 1;
}

void PortView::dump(std::FILE* file) const noexcept {
    std::fprintf(file, "netvsc %s: %s, filter 0x%02x\n", data_.name, name_of(facts.state),
                 facts.filter);
    if (!facts.attached) {
        std::fprintf(file, "  no session\n");
        return;
    }
    std::fprintf(file, "  NVSP %s, MTU %u, %s, guest-physical addresses %s\n",
                 codec::version_name(facts.version), facts.mtu, figures.alive ? "alive" : "dead",
                 facts.addresses_known ? "known" : "unknown");
    dump_facts(file, facts.host);
    const RingFigures& ring = figures.rings[0];
    std::fprintf(file,
                 "  ring: %llu of %llu bytes sent and unread, %llu of %llu unread, %llu signals\n",
                 number(ring.tx_in_flight), number(ring.tx_bytes), number(ring.rx_unread),
                 number(ring.rx_bytes), number(ring.signals));
    for_each_counter(
        [file](const char* direction, unsigned queue, const char* name, std::uint64_t value) {
            std::array<char, RTE_ETH_XSTATS_NAME_SIZE> full{};
            if (value != 0 && format_name(full, direction, queue, name)) {
                std::fprintf(file, "  %s: %llu\n", full.data(), number(value));
            }
        });
}

int PortView::read_registers(rte_dev_reg_info& info) const noexcept {
    info.width = sizeof(std::uint32_t);
    info.version = 1;
    if (info.data == nullptr) {
        info.length = kRegisters;
        return 0;
    }
    if (!figures.alive || info.offset > kRegisters ||
        (info.length != 0 && info.length > kRegisters - info.offset)) {
        return figures.alive ? -EINVAL : -ENODEV;
    }
    const std::uint32_t count = info.length == 0 ? kRegisters - info.offset : info.length;
    std::memcpy(info.data, figures.registers.data() + info.offset, std::size_t{count} * 4);
    info.length = count;
    return 0;
}

}  // namespace vmbus::netvsc
