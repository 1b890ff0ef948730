// Object identifiers in use between a netvsc guest and the host, and nothing else.
// Source: ntddndis.h; which ones a host answers: OpenVMM netvsp.
#pragma once

#include <cstdint>

namespace vmbus::wire {

enum class Oid : std::uint32_t {
    kSupportedList = 0x00010101,
    kHardwareStatus = 0x00010102,
    kMediaSupported = 0x00010103,
    kMediaInUse = 0x00010104,
    kMaximumLookahead = 0x00010105,
    kMaximumFrameSize = 0x00010106,
    kLinkSpeed = 0x00010107,  ///< units of 100 bit/s
    kTransmitBufferSpace = 0x00010108,
    kReceiveBufferSpace = 0x00010109,
    kTransmitBlockSize = 0x0001010A,
    kReceiveBlockSize = 0x0001010B,
    kVendorId = 0x0001010C,
    kVendorDescription = 0x0001010D,
    kCurrentPacketFilter = 0x0001010E,
    kCurrentLookahead = 0x0001010F,
    kDriverVersion = 0x00010110,
    kMaximumTotalSize = 0x00010111,
    kMacOptions = 0x00010113,
    kMediaConnectStatus = 0x00010114,
    kMaximumSendPackets = 0x00010115,
    kVendorDriverVersion = 0x00010116,
    kNetworkLayerAddresses = 0x00010118,
    kReceiveScaleCapabilities = 0x00010203,
    kReceiveScaleParameters = 0x00010204,
    kMaxLinkSpeed = 0x00010206,
    kLinkState = 0x00010207,
    kRndisConfigParameter = 0x0001021B,
    kFriendlyName = 0x00020216,
    kPermanentAddress = 0x01010101,
    kCurrentAddress = 0x01010102,
    kMulticastList = 0x01010103,
    kMaximumListSize = 0x01010104,
    kOffloadEncapsulation = 0x0101010A,
    kReceiveErrorAlignment = 0x01020101,
    kTransmitOneCollision = 0x01020102,
    kTransmitMoreCollisions = 0x01020103,
    kOffloadCurrentConfig = 0xFC01020B,
    kOffloadParameters = 0xFC01020C,
    kOffloadHardwareCapabilities = 0xFC01020D,
};

}  // namespace vmbus::wire
