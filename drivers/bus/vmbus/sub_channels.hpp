// The sub-channels of a device: the kernel makes a directory for each that the host offers, opens
// it and shows its rings, one after the other, some time after the driver has asked the host for
// them. What the host offers beyond that, twice, or under an index that nobody asked for is left
// alone. Owned by the device. Control threads only, but for the mapped memory itself. Source: Linux
// drivers/hv/vmbus_drv.c, drivers/uio/uio_hv_generic.c.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/mapping.hpp"
#include "bus/vmbus/device_places.hpp"

namespace vmbus::bus {

/// A sub-channel that sysfs shows whole. Its rings may still be about to open.
struct SubChannel {
    std::uint32_t relid = 0;
    std::uint16_t index = 0;  ///< as the driver knows it; the primary is 0
    std::uint8_t monitor_id = 0;
};

struct SubChannelScan {
    std::vector<SubChannel> found;     ///< sorted by index, each index once
    std::vector<std::string> refused;  ///< one line each: which, and why
};

/// Those of 1 to `wanted` below `device_directory`/channels, but not the channel `primary_relid`.
SubChannelScan scan_sub_channels(const std::string& device_directory, std::uint32_t primary_relid,
                                 std::uint16_t wanted) noexcept;

class SubChannels {
public:
    struct Open {
        SubChannel channel;
        base::Mapping rings;
    };

    /// Maps the rings of 1 to `count`, as they come, for `patience` at most. `ring_bytes` is what
    /// they should measure, the size of the primary's. Returns how many there are without a gap.
    std::uint16_t open(const std::string& device_directory, std::uint32_t primary_relid,
                       std::uint16_t count, std::size_t ring_bytes,
                       std::chrono::milliseconds patience);
    /// Maps what another process has opened, from sub-channel 1 on, where it has it. 0 or -errno;
    /// EEXIST: something else lies there in this process.
    int open_as(const std::string& device_directory, std::span<const ChannelPlace> places);
    /// Sub-channel `index`. Requires: 1 <= index <= what open() has returned.
    const Open& at(std::uint16_t index) const noexcept { return *open_[index]; }
    /// Whatever is mapped, also behind a gap.
    const std::vector<std::optional<Open>>& all() const noexcept { return open_; }
    /// The rings that `address` lies in are gone: zeroes take their place. False: it lies in none.
    /// From a signal handler.
    bool replace_lost(const void* address) noexcept;
    /// What the last open() has refused, or missed.
    const std::vector<std::string>& problems() const noexcept { return problems_; }
    void close() noexcept { open_.clear(); }

private:
    std::uint16_t without_gap() const noexcept;

    std::vector<std::optional<Open>> open_;  ///< by index; the first stays empty
    std::vector<std::string> problems_;
};

}  // namespace vmbus::bus
