#include <fmt/core.h>
#include <fmt/ranges.h>

#include "codec/names.hpp"
#include "wire/nvsp.hpp"
#include "words.hpp"

namespace vmbus::dump {
namespace {

using namespace wire;
using codec::bits_of;
using codec::name_of;

constexpr const char* kCapabilities[] = {
    "VMQ", "chimney", "SR-IOV", "802.1Q", "correlation-id", "teaming", "virtual-subnet-id", "RSC"};

std::string status_of(std::uint32_t status) {
    return name_of(static_cast<NvspStatus>(status));
}

std::string version_of(std::uint32_t version) {
    return name_of(static_cast<NvspVersion>(version));
}

std::string path_of(std::uint32_t path) {
    return path == 0 ? "synthetic" : path == 1 ? "VF" : fmt::format("{}?", path);
}

std::string body_of(const NvspInit& m) {
    return fmt::format("version {}", version_of(m.protocol_version));
}
std::string body_of(const NvspInitComplete& m) {
    return fmt::format("{}, MDL chain {}", status_of(m.status), m.max_mdl_chain_length);
}
std::string body_of(const NvspSendNdisVersion& m) {
    return fmt::format("{}.{}", m.major, m.minor);
}
std::string body_of(const NvspSendNdisConfig& m) {
    return fmt::format("frame {} bytes, capabilities {}", m.mtu,
                       bits_of(m.capabilities_low, kCapabilities));
}
std::string body_of(const NvspSendReceiveBuffer& m) {
    return fmt::format("gpadl 0x{:x}, id 0x{:x}", m.gpadl, m.id);
}
std::string body_of(const NvspSendReceiveBufferComplete& m) {
    return fmt::format("{}, {} section(s): {} x {} bytes at {}, end {}", status_of(m.status),
                       m.num_sections, m.num_sub_allocations, m.sub_allocation_size, m.offset,
                       m.end_offset);
}
std::string body_of(const NvspRevokeBuffer& m) {
    return fmt::format("id 0x{:x}", m.id);
}
std::string body_of(const NvspSendSendBufferComplete& m) {
    return fmt::format("{}, sections of {} bytes", status_of(m.status), m.section_size);
}
std::string body_of(const NvspSendRndisPacket& m) {
    const std::string channel = m.channel_type == kNvspChannelData ? "data"
                                : m.channel_type == kNvspChannelControl
                                    ? "control"
                                    : fmt::format("channel type {}?", m.channel_type);
    return m.send_section_index == kNoSendSection
               ? fmt::format("{}, no section", channel)
               : fmt::format("{}, section {} with {} bytes", channel, m.send_section_index,
                             m.send_section_length);
}
std::string body_of(const NvspSendRndisPacketComplete& m) {
    return status_of(m.status);
}
std::string body_of(const NvspSendVfAssociation& m) {
    return fmt::format("{}, serial {}", m.allocated != 0 ? "allocated" : "none", m.serial_number);
}
std::string body_of(const NvspSwitchDataPath& m) {
    return fmt::format("to {}", path_of(m.active_path));
}
std::string body_of(const NvspOidQueryExComplete& m) {
    return fmt::format("status 0x{:x}, {} bytes", m.status, m.bytes);
}
/// Request and answer have the same type and the same size: operation, or status, which is 1 in
/// both when all is well.
std::string body_of(const NvspSubChannelRequest& m) {
    return fmt::format("{} / {}, count {}",
                       m.operation == 1 ? "allocate" : fmt::format("{}?", m.operation),
                       status_of(m.operation), m.count);
}

template <class Message>
std::string as(base::Bytes message) {
    const auto value = base::try_load<Message>(message);
    return value ? body_of(*value) : fmt::format("cut short: {} bytes", message.size());
}

std::string indirection_table(base::Bytes message) {
    constexpr std::size_t kHead = 12;
    constexpr std::uint32_t kMost = 64;
    if (message.size() < kHead) {
        return "cut short";
    }
    const auto count = base::load_at<std::uint32_t>(message, 4);
    const auto offset = base::load_at<std::uint32_t>(message, 8);
    std::vector<std::uint32_t> entries;
    for (std::uint32_t i = 0; i < count && i < kMost; ++i) {
        const auto entry = base::try_load<std::uint32_t>(message, offset + std::size_t{i} * 4);
        if (!entry) {
            break;
        }
        entries.push_back(*entry);
    }
    return fmt::format("{} entries at {}: {}", count, offset, fmt::join(entries, " "));
}

std::string body_by_type(NvspType type, base::Bytes message) {
    switch (type) {
        case NvspType::kInit: return as<NvspInit>(message);
        case NvspType::kInitComplete: return as<NvspInitComplete>(message);
        case NvspType::kSendNdisVersion: return as<NvspSendNdisVersion>(message);
        case NvspType::kSendReceiveBuffer:
        case NvspType::kSendSendBuffer: return as<NvspSendReceiveBuffer>(message);
        case NvspType::kSendReceiveBufferComplete:
            return as<NvspSendReceiveBufferComplete>(message);
        case NvspType::kRevokeReceiveBuffer:
        case NvspType::kRevokeSendBuffer: return as<NvspRevokeBuffer>(message);
        case NvspType::kSendSendBufferComplete: return as<NvspSendSendBufferComplete>(message);
        case NvspType::kSendRndisPacket: return as<NvspSendRndisPacket>(message);
        case NvspType::kSendRndisPacketComplete: return as<NvspSendRndisPacketComplete>(message);
        case NvspType::kSendNdisConfig: return as<NvspSendNdisConfig>(message);
        case NvspType::kSendVfAssociation: return as<NvspSendVfAssociation>(message);
        case NvspType::kSwitchDataPath: return as<NvspSwitchDataPath>(message);
        case NvspType::kOidQueryExComplete: return as<NvspOidQueryExComplete>(message);
        case NvspType::kSubChannel: return as<NvspSubChannelRequest>(message);
        case NvspType::kSendIndirectionTable: return indirection_table(message);
        case NvspType::kOidQueryEx: break;
    }
    return fmt::format("{} bytes:{}", message.size(), hex_words(message, 32));
}

}  // namespace

std::string nvsp_words(base::Bytes message) {
    const auto type = base::try_load<std::uint32_t>(message);
    if (!type) {
        return message.empty() ? "empty" : fmt::format("no NVSP message:{}", hex_words(message, 8));
    }
    const auto known = static_cast<NvspType>(*type);
    return fmt::format("{} {}", name_of(known), body_by_type(known, message));
}

}  // namespace vmbus::dump
