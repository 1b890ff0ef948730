// One or more RNDIS data packets in a row, as either side walks them, and the first one as the
// guest's receive path decodes it. Input: the messages.
#include "codec/rndis_packet.hpp"
#include "fuzz_input.hpp"
#include "net/netvsc/rx_decode.hpp"

namespace {

using namespace vmbus;
using namespace vmbus::codec;
using fuzz::require;

bool apart(std::uint32_t a, std::uint32_t a_size, std::uint32_t b, std::uint32_t b_size) {
    return a + a_size <= b || b + b_size <= a;
}

void check_bounds(const PacketBounds& bounds, std::size_t available) {
    require(bounds.message_length <= available);
    require(bounds.data_length > 0 && bounds.data_length <= bounds.message_length);
    require(bounds.data_offset <= bounds.message_length - bounds.data_length);
    require(bounds.ppi_length <= bounds.message_length);
    require(bounds.ppi_offset <= bounds.message_length - bounds.ppi_length);
    require(bounds.data_offset >= sizeof(wire::RndisPacket));
    require(bounds.ppi_length == 0 ||
            apart(bounds.data_offset, bounds.data_length, bounds.ppi_offset, bounds.ppi_length));
}

/// What was read is built again, and reads the same.
void check_rebuild(const PacketInfo& info, std::uint32_t data_length) {
    std::byte head[kMaxPacketHeadBytes];
    const std::uint32_t size = build_packet_head(head, info, data_length % 65536);
    require(size == packet_head_bytes(info.has));
    PacketInfo again;
    require(parse_packet_info(base::Bytes(head, size).subspan(sizeof(wire::RndisPacket)), again) ==
            RndisPacketError::kNone);
    require(again.has == info.has && again.checksum == info.checksum && again.lso == info.lso &&
            again.vlan == info.vlan && again.hash_value == info.hash_value &&
            again.hash_info == info.hash_info && again.packet_id == info.packet_id);
}

/// The guest copies less, and refuses more, but never reads something else.
void check_guest(base::Bytes range) {
    netvsc::DecodedFrame frame;
    const auto error = netvsc::decode_frame(range, frame);
    PacketBounds bounds;
    PacketInfo info;
    const auto expected = parse_packet(range, bounds, info);
    if (error != RndisPacketError::kNone) {
        require(error == expected || bounds.ppi_length > netvsc::kMaxPpiBytes);
        require(netvsc::count_of(error) < netvsc::RxCount::kCount);
        return;
    }
    check_bounds(frame.bounds, range.size());
    require(expected == RndisPacketError::kNone && frame.info.has == info.has &&
            frame.info.vlan == info.vlan && frame.info.checksum == info.checksum);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    base::Bytes messages = std::as_bytes(std::span(data, size));
    PacketInfo info;
    require(to_string(parse_packet_info(messages, info)) != nullptr);
    check_guest(messages);
    while (!messages.empty()) {
        PacketBounds bounds;
        const auto error = parse_packet(messages, bounds, info);
        require(to_string(error) != nullptr);
        if (error != RndisPacketError::kNone) break;
        check_bounds(bounds, messages.size());
        check_rebuild(info, bounds.data_length);
        messages = messages.subspan(bounds.message_length);
    }
    return 0;
}
