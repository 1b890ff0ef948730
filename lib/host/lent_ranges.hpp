// LentRanges: which parts of a receive buffer the guest has, by the ids of the packets that lent
// them to it: none may be filled again before it is returned. What a record says of them is
// believed, however it overlaps. Host thread only.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "wire/packet.hpp"

namespace vmbus::host {

class LentRanges {
public:
    using Ranges = std::vector<wire::TransferPageRange>;

    /// The guest has something of it.
    bool overlap(const Ranges& ranges) const noexcept;
    void lend(std::uint64_t id, const Ranges& ranges);
    /// False when nothing is lent under that id.
    bool give_back(std::uint64_t id);
    std::size_t packets() const noexcept { return by_id_.size(); }

private:
    std::multimap<std::uint64_t, Ranges> by_id_;
    std::map<std::uint64_t, std::uint64_t> ends_;  ///< start of each range -> its end
};

}  // namespace vmbus::host
