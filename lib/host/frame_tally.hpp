// FrameTally: which frames there were, and how many of each, whatever their order: what a guest
// sent in a record, and what it sends when that is played to it. Frames are told apart by a hash.
// One thread.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "base/bytes.hpp"

namespace vmbus::host {

class FrameTally {
public:
    void add(base::Bytes frame);
    std::uint64_t total() const noexcept { return total_; }
    /// How many of these frames `other` has not.
    std::uint64_t not_in(const FrameTally& other) const;

private:
    std::unordered_map<std::uint64_t, std::uint64_t> counts_;
    std::uint64_t total_ = 0;
};

}  // namespace vmbus::host
