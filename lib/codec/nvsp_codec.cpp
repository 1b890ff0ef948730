#include "codec/nvsp_codec.hpp"

#include <cstring>
#include <iterator>

#include "codec/rndis_packet.hpp"
#include "wire/rndis.hpp"

namespace vmbus::codec {
namespace {

struct VersionName {
    wire::NvspVersion version;
    const char* name;
};
constexpr VersionName kVersionNames[] = {
    {wire::NvspVersion::kV1, "1"}, {wire::NvspVersion::kV2, "2"}, {wire::NvspVersion::kV4, "4"},
    {wire::NvspVersion::kV5, "5"}, {wire::NvspVersion::kV6, "6"}, {wire::NvspVersion::kV61, "6.1"},
};

/// A sub-allocation must hold the smallest MTU's frame with its RNDIS header.
constexpr std::uint32_t kMinSubAllocation = sizeof(wire::RndisPacket) + 60;

/// A section must hold the longest head, which is written into one even for a frame that stays in
/// its pages, and behind it the smallest MTU's frame with its tag.
constexpr std::uint32_t kMinSection = kMaxPacketHeadBytes + 14 + 4 + 68;

/// Hosts up to 6.0 put the indirection table behind a message of this size, whatever offset they
/// name (Linux drivers/net/hyperv/netvsc.c, netvsc_send_table()).
constexpr std::size_t kLargestV6Message = 40;

}  // namespace

std::optional<wire::NvspType> nvsp_type(base::Bytes payload) noexcept {
    const auto header = base::try_load<wire::NvspHeader>(payload);
    if (!header) {
        return std::nullopt;
    }
    return static_cast<wire::NvspType>(header->type);
}

bool is_known_version(std::uint32_t version) noexcept {
    return version_name(static_cast<wire::NvspVersion>(version)) != nullptr;
}

const char* version_name(wire::NvspVersion version) noexcept {
    const auto* found = std::find_if(std::begin(kVersionNames), std::end(kVersionNames),
                                     [=](const auto& entry) { return entry.version == version; });
    return found == std::end(kVersionNames) ? nullptr : found->name;
}

std::optional<wire::NvspVersion> version_from_name(const char* name) noexcept {
    const auto* found =
        std::find_if(std::begin(kVersionNames), std::end(kVersionNames),
                     [=](const auto& entry) { return std::strcmp(entry.name, name) == 0; });
    if (found == std::end(kVersionNames)) {
        return std::nullopt;
    }
    return found->version;
}

std::optional<ReceiveLayout> check_receive_layout(
    const wire::NvspSendReceiveBufferComplete& message, std::size_t buffer_bytes) noexcept {
    const std::uint64_t used =
        std::uint64_t{message.sub_allocation_size} * message.num_sub_allocations;
    if (message.status != static_cast<std::uint32_t>(wire::NvspStatus::kSuccess) ||
        message.num_sections != 1 || message.offset != 0 || message.num_sub_allocations == 0 ||
        message.sub_allocation_size < kMinSubAllocation || used > buffer_bytes ||
        message.end_offset != used) {
        return std::nullopt;
    }
    return ReceiveLayout{message.sub_allocation_size, message.num_sub_allocations};
}

std::optional<std::uint32_t> check_send_sections(const wire::NvspSendSendBufferComplete& message,
                                                 std::size_t buffer_bytes) noexcept {
    if (message.status != static_cast<std::uint32_t>(wire::NvspStatus::kSuccess) ||
        message.section_size < kMinSection || message.section_size % 8 != 0 ||
        message.section_size > buffer_bytes) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(buffer_bytes / message.section_size);
}

std::optional<std::array<std::uint32_t, 16>> decode_indirection_table(
    base::Bytes payload, std::uint32_t channels) noexcept {
    using Table = std::array<std::uint32_t, 16>;
    const auto message =
        decode_nvsp<wire::NvspSendIndirectionTable>(payload, wire::NvspType::kSendIndirectionTable);
    if (!message || message->count != std::tuple_size_v<Table>) {
        return std::nullopt;
    }
    const std::size_t first = payload.size() >= kLargestV6Message + sizeof(Table)
                                  ? kLargestV6Message
                                  : offsetof(wire::NvspSendIndirectionTable, table);
    const std::size_t last = payload.size() - sizeof(Table);
    const bool plausible = message->offset >= first && message->offset <= last;
    auto table = base::load_at<Table>(payload, plausible ? message->offset : first);
    for (std::uint32_t& entry : table) {
        entry %= channels;
    }
    return table;
}

}  // namespace vmbus::codec
