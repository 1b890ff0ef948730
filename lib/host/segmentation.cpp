#include "host/segmentation.hpp"

#include <cstring>

#include "host/checksum.hpp"
#include "host/vlan_tag.hpp"
#include "wire/rndis_ppi.hpp"

namespace vmbus::host {
namespace {

constexpr std::uint32_t kIpv4Bytes = 20;
constexpr std::uint32_t kIpv6Bytes = 40;
constexpr std::uint32_t kTcpBytes = 20;
constexpr std::uint32_t kTcpLengthAt = 12;
constexpr std::uint32_t kTcpFlagsAt = 13;
constexpr std::byte kFin{0x01};
constexpr std::byte kPush{0x08};
constexpr std::byte kWindowReduced{0x80};

void put_be16(base::MutableBytes bytes, std::size_t at, std::size_t value) noexcept {
    base::store_be16(bytes, at, static_cast<std::uint16_t>(value));
}

/// Type and version say the same as the request.
bool is_of_version(base::Bytes head, bool v6) noexcept {
    return base::load_be16(head, kEthernetBytes - 2) == (v6 ? 0x86DD : 0x0800) &&
           std::to_integer<unsigned>(head[kEthernetBytes]) >> 4 == (v6 ? 6U : 4U);
}

/// Lengths of the whole segment and, for IPv4, one identification more for each.
void fix_ip(const LargeSend& plan, std::size_t index, base::MutableBytes frame) noexcept {
    if (plan.v6) {
        put_be16(frame, kEthernetBytes + 4, frame.size() - kEthernetBytes - kIpv6Bytes);
        return;
    }
    put_be16(frame, kEthernetBytes + 2, frame.size() - kEthernetBytes);
    put_be16(frame, kEthernetBytes + 4, base::load_be16(frame, kEthernetBytes + 4) + index);
}

/// What ends a stream belongs to its last segment; that the window was reduced is said once.
void fix_tcp(const LargeSend& plan, std::size_t index, base::MutableBytes tcp) noexcept {
    const auto first = __builtin_bswap32(base::load_at<std::uint32_t>(tcp, 4));
    const auto skipped = static_cast<std::uint32_t>(index * plan.segment_payload);
    base::store_at(tcp, 4, __builtin_bswap32(first + skipped));
    std::byte& flags = tcp[kTcpFlagsAt];
    if (index + 1 < plan.segments()) {
        flags &= ~(kFin | kPush);
    }
    if (index > 0) {
        flags &= ~kWindowReduced;
    }
}

}  // namespace

bool plan_large_send(base::Bytes frame, std::uint32_t request, base::MutableBytes room,
                     LargeSend& plan) noexcept {
    const auto head = room.first(std::min(frame.size(), LargeSend::kMaxHeaderBytes));
    std::memcpy(head.data(), frame.data(), head.size());
    const std::uint32_t mss = request & wire::kLsoMssMask;
    const std::uint32_t offset = request >> wire::kLsoOffsetShift & wire::kLsoOffsetMask;
    plan.v6 = (request & wire::kLsoIpv6) != 0;
    const std::uint32_t least =
        static_cast<std::uint32_t>(kEthernetBytes) + (plan.v6 ? kIpv6Bytes : kIpv4Bytes);
    plan.tcp_offset = offset == 0 ? least : offset;
    if (mss == 0 || plan.tcp_offset < least || head.size() <= plan.tcp_offset ||
        head.size() - plan.tcp_offset < kTcpBytes || !is_of_version(head, plan.v6)) {
        return false;
    }
    const std::size_t tcp_bytes =
        std::to_integer<std::size_t>(head[plan.tcp_offset + kTcpLengthAt]) >> 4 << 2;
    if (tcp_bytes < kTcpBytes || head.size() - plan.tcp_offset < tcp_bytes) {
        return false;
    }
    plan.header = head.first(plan.tcp_offset + tcp_bytes);
    plan.payload = frame.subspan(plan.header.size());
    plan.segment_payload = mss;
    return plan.segments() <= LargeSend::kMaxSegments;
}

std::size_t write_segment(const LargeSend& plan, std::size_t index,
                          base::MutableBytes out) noexcept {
    const std::size_t at = index * plan.segment_payload;
    const std::size_t payload =
        std::min<std::size_t>(plan.payload.size() - at, plan.segment_payload);
    const auto frame = out.first(plan.header.size() + payload);
    std::memcpy(frame.data(), plan.header.data(), plan.header.size());
    std::memcpy(frame.data() + plan.header.size(), plan.payload.data() + at, payload);
    fix_ip(plan, index, frame);
    fix_tcp(plan, index, frame.subspan(plan.tcp_offset));
    // An IPv4 header that is shorter or longer than the offset says stays without a checksum that
    // is right: the guest contradicted itself, and the receiver drops what is wrong.
    const std::uint32_t request =
        (plan.v6 ? wire::kTxChecksumIpv6 : wire::kTxChecksumIpv4 | wire::kTxChecksumIpHeader) |
        wire::kTxChecksumTcp | plan.tcp_offset << wire::kTxChecksumOffsetShift;
    complete_checksums(frame, request);
    return frame.size();
}

}  // namespace vmbus::host
