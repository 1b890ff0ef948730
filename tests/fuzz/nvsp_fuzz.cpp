// The payload of a packet -> every NVSP decoder of either side, and the checks of what a host says
// of its buffers. Input: u8 channels, u32 buffer bytes, then the payload.
#include <algorithm>

#include "codec/nvsp_codec.hpp"
#include "fuzz_input.hpp"

namespace {

using namespace vmbus;
using fuzz::require;
using wire::NvspType;

template <class Message>
void decode(base::Bytes payload, NvspType type) {
    const auto message = codec::decode_nvsp<Message>(payload, type);
    require(message.has_value() ==
            (codec::nvsp_type(payload) == type && payload.size() >= sizeof(Message)));
    if (!message) return;
    const auto again = codec::encode_nvsp(*message);
    require(std::equal(again.begin(), again.begin() + sizeof(Message), payload.begin()));
}

void decode_guest_messages(base::Bytes payload) {
    decode<wire::NvspInit>(payload, NvspType::kInit);
    decode<wire::NvspSendNdisVersion>(payload, NvspType::kSendNdisVersion);
    decode<wire::NvspSendNdisConfig>(payload, NvspType::kSendNdisConfig);
    decode<wire::NvspSendReceiveBuffer>(payload, NvspType::kSendReceiveBuffer);
    decode<wire::NvspSendSendBuffer>(payload, NvspType::kSendSendBuffer);
    decode<wire::NvspRevokeBuffer>(payload, NvspType::kRevokeReceiveBuffer);
    decode<wire::NvspRevokeBuffer>(payload, NvspType::kRevokeSendBuffer);
    decode<wire::NvspSendRndisPacket>(payload, NvspType::kSendRndisPacket);
    decode<wire::NvspSwitchDataPath>(payload, NvspType::kSwitchDataPath);
    decode<wire::NvspSubChannelRequest>(payload, NvspType::kSubChannel);
}

void decode_host_messages(base::Bytes payload) {
    decode<wire::NvspInitComplete>(payload, NvspType::kInitComplete);
    decode<wire::NvspSendRndisPacketComplete>(payload, NvspType::kSendRndisPacketComplete);
    decode<wire::NvspSendVfAssociation>(payload, NvspType::kSendVfAssociation);
    decode<wire::NvspOidQueryExComplete>(payload, NvspType::kOidQueryExComplete);
    decode<wire::NvspSubChannelComplete>(payload, NvspType::kSubChannel);
}

void check_buffers(base::Bytes payload, std::size_t buffer_bytes) {
    if (const auto reply = codec::decode_nvsp<wire::NvspSendReceiveBufferComplete>(
            payload, NvspType::kSendReceiveBufferComplete)) {
        const auto layout = codec::check_receive_layout(*reply, buffer_bytes);
        require(!layout ||
                (layout->count > 0 && layout->sub_allocation_size <= buffer_bytes / layout->count));
    }
    if (const auto reply = codec::decode_nvsp<wire::NvspSendSendBufferComplete>(
            payload, NvspType::kSendSendBufferComplete)) {
        const auto sections = codec::check_send_sections(*reply, buffer_bytes);
        require(!sections || (*sections > 0 && reply->section_size <= buffer_bytes / *sections));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::uint32_t channels = 1U + input.take<std::uint8_t>() % 64U;
    const auto buffer_bytes = input.take<std::uint32_t>();
    const base::Bytes payload = input.rest();

    decode_guest_messages(payload);
    decode_host_messages(payload);
    check_buffers(payload, buffer_bytes);
    if (const auto table = codec::decode_indirection_table(payload, channels)) {
        require(std::all_of(table->begin(), table->end(),
                            [=](std::uint32_t entry) { return entry < channels; }));
    }
    if (const auto init = base::try_load<wire::NvspInit>(payload)) {
        const auto version = static_cast<wire::NvspVersion>(init->protocol_version);
        const char* name = codec::version_name(version);
        require(codec::is_known_version(init->protocol_version) == (name != nullptr));
        require(name == nullptr || codec::version_from_name(name) == version);
    }
    return 0;
}
