// ChannelIds: the numbers that channels of one machine have: relids, and bits of the monitor page,
// of which there are 128 for all. A relid that was given up is not the next one to be used: guests
// that remember it over a close are found out.
// Owned by the machine, host thread.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>

#include "wire/signal_pages.hpp"

namespace vmbus::host {

class ChannelIds {
public:
    /// Nothing when all are in use.
    std::optional<std::uint32_t> take_relid() noexcept {
        for (std::uint32_t tried = kFirstRelid; tried <= wire::kMaxRelid; ++tried) {
            const std::uint32_t relid = next_relid_;
            next_relid_ = relid == wire::kMaxRelid ? kFirstRelid : relid + 1;
            if (!relids_.test(relid)) {
                relids_.set(relid);
                return relid;
            }
        }
        return std::nullopt;
    }
    std::optional<unsigned> take_monitor_id() noexcept {
        for (unsigned id = kFirstMonitorId; id < wire::kMonitorBits; ++id) {
            if (!monitor_ids_.test(id)) {
                monitor_ids_.set(id);
                return id;
            }
        }
        return std::nullopt;
    }
    void give_back(std::uint32_t relid, std::optional<unsigned> monitor_id) noexcept {
        relids_.reset(relid);
        if (monitor_id) {
            monitor_ids_.reset(*monitor_id);
        }
    }

private:
    /// Those of other devices come first on a real machine.
    static constexpr std::uint32_t kFirstRelid = 11;
    static constexpr unsigned kFirstMonitorId = 5;

    std::uint32_t next_relid_ = kFirstRelid;
    std::bitset<wire::kMaxRelid + 1> relids_;
    std::bitset<wire::kMonitorBits> monitor_ids_;
};

}  // namespace vmbus::host
