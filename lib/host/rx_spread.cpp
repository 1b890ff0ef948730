#include "host/rx_spread.hpp"

#include <bitset>

#include "host/rss_hash.hpp"

namespace vmbus::host {

void RxSpread::configure(const RssConfig& rss, std::size_t channels) {
    std::bitset<kMaxChannels> named;
    for (const std::uint32_t entry : rss.table) {
        if (rss.enabled && entry < channels) {
            named.set(entry);
        }
    }
    if (!rss.enabled) {
        named.set(0);
    } else if (named.none()) {
        named = ~std::bitset<kMaxChannels>() >> (kMaxChannels - channels);
    }
    active_count_ = 0;
    for (std::size_t i = 0; i < kMaxChannels; ++i) {
        if (named.test(i)) {
            active_[active_count_++] = static_cast<std::uint8_t>(i);
        }
    }
    for (std::size_t i = 0; i < kRssTableSize; ++i) {
        const std::uint32_t entry = rss.table[i];
        table_[i] = entry < channels && named.test(entry) ? static_cast<std::uint8_t>(entry)
                                                          : active_[i % active_count_];
    }
    hash_types_ = rss.hash_information & ~0xFFU;
    hash_ = rss.enabled ? std::make_unique<const Toeplitz>(rss.key) : nullptr;
}

std::size_t RxSpread::place_by_hash(RxFrame& frame) const noexcept {
    RssScratch scratch;
    const RssInput input = rss_input(frame.bytes, hash_types_, scratch);
    if (input.type == 0) {
        return active_[0];
    }
    frame.hash_value = (*hash_)(input.bytes);
    frame.hash_info = input.type | wire::kNdisHashToeplitz;
    return table_[frame.hash_value % kRssTableSize];
}

}  // namespace vmbus::host
