#include "host/frame_tally.hpp"

#include <functional>
#include <string_view>

namespace vmbus::host {

void FrameTally::add(base::Bytes frame) {
    const std::string_view bytes(reinterpret_cast<const char*>(frame.data()), frame.size());
    ++counts_[std::hash<std::string_view>{}(bytes)];
    ++total_;
}

std::uint64_t FrameTally::not_in(const FrameTally& other) const {
    std::uint64_t frames = 0;
    for (const auto& [hash, count] : counts_) {
        const auto found = other.counts_.find(hash);
        const std::uint64_t there = found == other.counts_.end() ? 0 : found->second;
        frames += count > there ? count - there : 0;
    }
    return frames;
}

}  // namespace vmbus::host
