#include "host/rss_config.hpp"

#include <algorithm>

namespace vmbus::host {
namespace {

constexpr std::uint32_t kHashFunctionMask = 0xFF;

/// The struct without the processor masks at its end, which guests need not send.
constexpr std::size_t kLeastBytes = offsetof(wire::NdisRssParameters, processor_masks_offset);

}  // namespace

wire::RndisStatus RssConfig::set(base::Bytes info, std::uint32_t queues) noexcept {
    if (info.size() < kLeastBytes) {
        return wire::RndisStatus::kFailure;
    }
    wire::NdisRssParameters wanted{};
    std::memcpy(&wanted, info.data(), std::min(info.size(), sizeof wanted));
    if ((wanted.flags & wire::kNdisRssDisable) != 0 ||
        (wanted.hash_information & kHashFunctionMask) == 0) {
        *this = {};
        return wire::RndisStatus::kSuccess;
    }
    const auto new_key = base::try_slice(info, wanted.key_offset, wanted.key_size);
    const auto entries = base::try_slice(info, wanted.table_offset, wanted.table_size);
    if (!new_key || new_key->size() != key.size() || !entries || entries->empty() ||
        entries->size() % sizeof(std::uint32_t) != 0) {
        return wire::RndisStatus::kInvalidData;
    }
    const std::size_t count = std::min(entries->size() / sizeof(std::uint32_t), kRssTableSize);
    std::array<std::uint32_t, kRssTableSize> new_table;
    for (std::size_t i = 0; i < kRssTableSize; ++i) {
        new_table[i] = base::load_at<std::uint32_t>(*entries, i % count * sizeof(std::uint32_t));
        if (new_table[i] >= queues) {
            return wire::RndisStatus::kInvalidData;
        }
    }
    enabled = true;
    hash_information = wanted.hash_information;
    std::copy(new_key->begin(), new_key->end(), key.begin());
    table = new_table;
    return wire::RndisStatus::kSuccess;
}

}  // namespace vmbus::host
