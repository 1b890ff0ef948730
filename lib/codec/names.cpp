#include "codec/names.hpp"

#include <array>
#include <charconv>

#include "codec/nvsp_codec.hpp"

namespace vmbus::codec {
namespace {

std::string hex(std::uint64_t value) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
    return std::string("0x").append(digits.data(), end);
}

template <class Enum>
struct Name {
    Enum value;
    const char* name;
};

template <class Enum>
std::string look_up(std::span<const Name<Enum>> names, Enum value) {
    for (const Name<Enum>& known : names) {
        if (known.value == value) {
            return known.name;
        }
    }
    return hex(static_cast<std::uint64_t>(value));
}

using wire::NvspStatus;
using wire::NvspType;
using wire::Oid;
using wire::PacketType;
using wire::RndisStatus;
using wire::RndisType;

constexpr Name<PacketType> kPacketTypes[] = {{PacketType::kInBand, "in-band"},
                                             {PacketType::kTransferPages, "transfer-pages"},
                                             {PacketType::kGpaDirect, "gpa-direct"},
                                             {PacketType::kCompletion, "completion"}};

constexpr Name<NvspType> kNvspTypes[] = {
    {NvspType::kInit, "INIT"},
    {NvspType::kInitComplete, "INIT_COMPLETE"},
    {NvspType::kSendNdisVersion, "SEND_NDIS_VERSION"},
    {NvspType::kSendReceiveBuffer, "SEND_RECEIVE_BUFFER"},
    {NvspType::kSendReceiveBufferComplete, "SEND_RECEIVE_BUFFER_COMPLETE"},
    {NvspType::kRevokeReceiveBuffer, "REVOKE_RECEIVE_BUFFER"},
    {NvspType::kSendSendBuffer, "SEND_SEND_BUFFER"},
    {NvspType::kSendSendBufferComplete, "SEND_SEND_BUFFER_COMPLETE"},
    {NvspType::kRevokeSendBuffer, "REVOKE_SEND_BUFFER"},
    {NvspType::kSendRndisPacket, "SEND_RNDIS_PACKET"},
    {NvspType::kSendRndisPacketComplete, "SEND_RNDIS_PACKET_COMPLETE"},
    {NvspType::kSendNdisConfig, "SEND_NDIS_CONFIG"},
    {NvspType::kSendVfAssociation, "SEND_VF_ASSOCIATION"},
    {NvspType::kSwitchDataPath, "SWITCH_DATA_PATH"},
    {NvspType::kOidQueryEx, "OID_QUERY_EX"},
    {NvspType::kOidQueryExComplete, "OID_QUERY_EX_COMPLETE"},
    {NvspType::kSubChannel, "SUBCHANNEL"},
    {NvspType::kSendIndirectionTable, "SEND_INDIRECTION_TABLE"}};

constexpr Name<NvspStatus> kNvspStatuses[] = {
    {NvspStatus::kNone, "none"},
    {NvspStatus::kSuccess, "SUCCESS"},
    {NvspStatus::kFailure, "FAILURE"},
    {NvspStatus::kProtocolTooNew, "PROTOCOL_TOO_NEW"},
    {NvspStatus::kProtocolTooOld, "PROTOCOL_TOO_OLD"},
    {NvspStatus::kInvalidRndisPacket, "INVALID_RNDIS_PACKET"},
    {NvspStatus::kBusy, "BUSY"},
    {NvspStatus::kVersionUnsupported, "PROTOCOL_UNSUPPORTED"}};

constexpr Name<RndisType> kRndisTypes[] = {{RndisType::kPacket, "PACKET"},
                                           {RndisType::kInitialize, "INITIALIZE"},
                                           {RndisType::kHalt, "HALT"},
                                           {RndisType::kQuery, "QUERY"},
                                           {RndisType::kSet, "SET"},
                                           {RndisType::kReset, "RESET"},
                                           {RndisType::kIndicateStatus, "INDICATE_STATUS"},
                                           {RndisType::kKeepalive, "KEEPALIVE"},
                                           {RndisType::kInitializeComplete, "INITIALIZE_CMPLT"},
                                           {RndisType::kQueryComplete, "QUERY_CMPLT"},
                                           {RndisType::kSetComplete, "SET_CMPLT"},
                                           {RndisType::kResetComplete, "RESET_CMPLT"},
                                           {RndisType::kKeepaliveComplete, "KEEPALIVE_CMPLT"}};

constexpr Name<RndisStatus> kRndisStatuses[] = {
    {RndisStatus::kSuccess, "SUCCESS"},
    {RndisStatus::kBufferOverflow, "BUFFER_OVERFLOW"},
    {RndisStatus::kFailure, "FAILURE"},
    {RndisStatus::kResources, "RESOURCES"},
    {RndisStatus::kNotSupported, "NOT_SUPPORTED"},
    {RndisStatus::kBadVersion, "BAD_VERSION"},
    {RndisStatus::kInvalidLength, "INVALID_LENGTH"},
    {RndisStatus::kInvalidData, "INVALID_DATA"},
    {RndisStatus::kBufferTooShort, "BUFFER_TOO_SHORT"},
    {RndisStatus::kMediaConnect, "MEDIA_CONNECT"},
    {RndisStatus::kMediaDisconnect, "MEDIA_DISCONNECT"},
    {RndisStatus::kLinkSpeedChange, "LINK_SPEED_CHANGE"},
    {RndisStatus::kOffloadCurrentConfig, "TASK_OFFLOAD_CURRENT_CONFIG"}};

constexpr Name<Oid> kOids[] = {
    {Oid::kSupportedList, "OID_GEN_SUPPORTED_LIST"},
    {Oid::kHardwareStatus, "OID_GEN_HARDWARE_STATUS"},
    {Oid::kMediaSupported, "OID_GEN_MEDIA_SUPPORTED"},
    {Oid::kMediaInUse, "OID_GEN_MEDIA_IN_USE"},
    {Oid::kMaximumLookahead, "OID_GEN_MAXIMUM_LOOKAHEAD"},
    {Oid::kMaximumFrameSize, "OID_GEN_MAXIMUM_FRAME_SIZE"},
    {Oid::kLinkSpeed, "OID_GEN_LINK_SPEED"},
    {Oid::kTransmitBufferSpace, "OID_GEN_TRANSMIT_BUFFER_SPACE"},
    {Oid::kReceiveBufferSpace, "OID_GEN_RECEIVE_BUFFER_SPACE"},
    {Oid::kTransmitBlockSize, "OID_GEN_TRANSMIT_BLOCK_SIZE"},
    {Oid::kReceiveBlockSize, "OID_GEN_RECEIVE_BLOCK_SIZE"},
    {Oid::kVendorId, "OID_GEN_VENDOR_ID"},
    {Oid::kVendorDescription, "OID_GEN_VENDOR_DESCRIPTION"},
    {Oid::kCurrentPacketFilter, "OID_GEN_CURRENT_PACKET_FILTER"},
    {Oid::kCurrentLookahead, "OID_GEN_CURRENT_LOOKAHEAD"},
    {Oid::kDriverVersion, "OID_GEN_DRIVER_VERSION"},
    {Oid::kMaximumTotalSize, "OID_GEN_MAXIMUM_TOTAL_SIZE"},
    {Oid::kMacOptions, "OID_GEN_MAC_OPTIONS"},
    {Oid::kMediaConnectStatus, "OID_GEN_MEDIA_CONNECT_STATUS"},
    {Oid::kMaximumSendPackets, "OID_GEN_MAXIMUM_SEND_PACKETS"},
    {Oid::kVendorDriverVersion, "OID_GEN_VENDOR_DRIVER_VERSION"},
    {Oid::kNetworkLayerAddresses, "OID_GEN_NETWORK_LAYER_ADDRESSES"},
    {Oid::kReceiveScaleCapabilities, "OID_GEN_RECEIVE_SCALE_CAPABILITIES"},
    {Oid::kReceiveScaleParameters, "OID_GEN_RECEIVE_SCALE_PARAMETERS"},
    {Oid::kMaxLinkSpeed, "OID_GEN_MAX_LINK_SPEED"},
    {Oid::kLinkState, "OID_GEN_LINK_STATE"},
    {Oid::kRndisConfigParameter, "OID_GEN_RNDIS_CONFIG_PARAMETER"},
    {Oid::kFriendlyName, "OID_GEN_FRIENDLY_NAME"},
    {Oid::kPermanentAddress, "OID_802_3_PERMANENT_ADDRESS"},
    {Oid::kCurrentAddress, "OID_802_3_CURRENT_ADDRESS"},
    {Oid::kMulticastList, "OID_802_3_MULTICAST_LIST"},
    {Oid::kMaximumListSize, "OID_802_3_MAXIMUM_LIST_SIZE"},
    {Oid::kOffloadEncapsulation, "OID_OFFLOAD_ENCAPSULATION"},
    {Oid::kReceiveErrorAlignment, "OID_802_3_RCV_ERROR_ALIGNMENT"},
    {Oid::kTransmitOneCollision, "OID_802_3_XMIT_ONE_COLLISION"},
    {Oid::kTransmitMoreCollisions, "OID_802_3_XMIT_MORE_COLLISIONS"},
    {Oid::kOffloadCurrentConfig, "OID_TCP_OFFLOAD_CURRENT_CONFIG"},
    {Oid::kOffloadParameters, "OID_TCP_OFFLOAD_PARAMETERS"},
    {Oid::kOffloadHardwareCapabilities, "OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES"}};

}  // namespace

std::string name_of(wire::PacketType type) {
    return look_up<PacketType>(kPacketTypes, type);
}
std::string name_of(wire::NvspType type) {
    return look_up<NvspType>(kNvspTypes, type);
}
std::string name_of(wire::NvspStatus status) {
    return look_up<NvspStatus>(kNvspStatuses, status);
}
std::string name_of(wire::NvspVersion version) {
    const char* name = version_name(version);
    return name != nullptr ? name : hex(static_cast<std::uint32_t>(version));
}
std::string name_of(wire::RndisType type) {
    return look_up<RndisType>(kRndisTypes, type);
}
std::string name_of(wire::RndisStatus status) {
    return look_up<RndisStatus>(kRndisStatuses, status);
}
std::string name_of(wire::Oid oid) {
    return look_up<Oid>(kOids, oid);
}

std::string bits_of(std::uint64_t bits, std::span<const char* const> names) {
    std::string text;
    for (std::size_t bit = 0; bit < 64; ++bit) {
        if ((bits >> bit & 1U) == 0) {
            continue;
        }
        text += text.empty() ? "" : "+";
        text +=
            bit < names.size() && names[bit] != nullptr ? names[bit] : "bit" + std::to_string(bit);
    }
    return text.empty() ? "none" : text;
}

}  // namespace vmbus::codec
