#include "bus/vmbus/sub_channels.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <thread>
#include <utility>

#include "base/unique_fd.hpp"
#include "bus/vmbus/common_place.hpp"
#include "bus/vmbus/sysfs.hpp"
#include "wire/ring_page.hpp"
#include "wire/signal_pages.hpp"

namespace vmbus::bus {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kNap{5};

std::string channel_directory(const std::string& device_directory, std::uint32_t relid) {
    return device_directory + "/channels/" + std::to_string(relid);
}

std::optional<std::uint32_t> relid_of(const std::string& name) noexcept {
    std::uint32_t relid = 0;
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data(), end, relid);
    return error == std::errc{} && stop == end && relid <= wire::kMaxRelid ? std::optional(relid)
                                                                           : std::nullopt;
}

/// Fills in what its directory says. False while there is not enough of it, and, with a reason in
/// `problem`, when there never will be.
bool read_channel(const std::string& directory, std::uint16_t wanted, SubChannel& channel,
                  std::string& problem) {
    const auto index = sysfs::read_number(directory + "/subchannel_id");
    if (!index || index.value() == 0 || !sysfs::exists(directory + "/ring")) {
        return false;
    }
    if (index.value() < 0 || index.value() > wanted) {
        problem = "its index " + std::to_string(index.value()) + " was not asked for";
        return false;
    }
    channel.index = static_cast<std::uint16_t>(index.value());
    channel.monitor_id = wire::kNoMonitor;
    if (sysfs::exists(directory + "/monitor_id")) {
        const auto monitor = sysfs::read_number(directory + "/monitor_id");
        if (!monitor || monitor.value() < 0 || monitor.value() >= wire::kMonitorBits) {
            problem = "its monitor_id is none";
            return false;
        }
        channel.monitor_id = static_cast<std::uint8_t>(monitor.value());
    }
    return true;
}

void refuse_twins(SubChannelScan& scan) {
    auto& found = scan.found;
    std::stable_sort(found.begin(), found.end(), [](const SubChannel& a, const SubChannel& b) {
        return std::pair(a.index, a.relid) < std::pair(b.index, b.relid);
    });
    for (std::size_t i = 1; i < found.size();) {
        if (found[i].index == found[i - 1].index) {
            scan.refused.push_back("channel " + std::to_string(found[i].relid) + ": its index " +
                                   std::to_string(found[i].index) + " is that of channel " +
                                   std::to_string(found[i - 1].relid));
            found.erase(found.begin() + static_cast<std::ptrdiff_t>(i));
        } else {
            ++i;
        }
    }
}

/// The file may claim another size than it has: kernels before 6.16 say 4 MiB of each, some of 6.12
/// the size that another device's has. The kernel maps part of it, which would put the second ring
/// in the wrong place, but no more than there is: the larger size that it maps is the true one.
base::Mapping map_rings(const std::string& path, std::size_t ring_bytes) {
    const base::UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) {
        return {};
    }
    const auto claimed = static_cast<std::size_t>(std::max<off_t>(status.st_size, 0));
    constexpr std::size_t kLeast = 2 * (sizeof(wire::RingPage) + base::kHvPageSize);
    for (const std::size_t size : {std::max(claimed, ring_bytes), std::min(claimed, ring_bytes)}) {
        if (size < kLeast || size % (2 * base::kHvPageSize) != 0) {
            continue;
        }
        if (auto mapping = map_in_common_place(file.get(), size)) {
            return std::move(mapping).value();
        }
    }
    return {};
}

}  // namespace

SubChannelScan scan_sub_channels(const std::string& device_directory, std::uint32_t primary_relid,
                                 std::uint16_t wanted) noexcept {
    SubChannelScan scan;
    const auto names = sysfs::list(device_directory + "/channels");
    if (!names) {
        return scan;
    }
    for (const std::string& name : names.value()) {
        const auto relid = relid_of(name);
        if (!relid || *relid == primary_relid) {
            continue;
        }
        SubChannel channel{.relid = *relid};
        std::string problem;
        if (read_channel(channel_directory(device_directory, *relid), wanted, channel, problem)) {
            scan.found.push_back(channel);
        } else if (!problem.empty()) {
            scan.refused.push_back(
                std::string("channel ").append(name).append(": ").append(problem));
        }
    }
    refuse_twins(scan);
    return scan;
}

std::uint16_t SubChannels::open(const std::string& device_directory, std::uint32_t primary_relid,
                                std::uint16_t count, std::size_t ring_bytes,
                                std::chrono::milliseconds patience) {
    const auto deadline = Clock::now() + patience;
    open_.resize(count + std::size_t{1});
    for (;;) {
        SubChannelScan scan = scan_sub_channels(device_directory, primary_relid, count);
        for (const SubChannel& channel : scan.found) {
            if (open_[channel.index]) {
                continue;
            }
            auto rings =
                map_rings(channel_directory(device_directory, channel.relid) + "/ring", ring_bytes);
            if (rings) {
                open_[channel.index].emplace(Open{channel, std::move(rings)});
            }
        }
        problems_ = std::move(scan.refused);
        const std::uint16_t ready = without_gap();
        if (ready == count) {
            return ready;
        }
        if (Clock::now() >= deadline) {
            problems_.push_back("sub-channel " + std::to_string(ready + 1) + " of " +
                                std::to_string(count) + " never came");
            return ready;
        }
        std::this_thread::sleep_for(kNap);
    }
}

int SubChannels::open_as(const std::string& device_directory,
                         std::span<const ChannelPlace> places) {
    open_.resize(places.size() + 1);
    for (std::size_t i = 0; i < places.size(); ++i) {
        const std::string path = channel_directory(device_directory, places[i].relid) + "/ring";
        const base::UniqueFd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
        if (!file) {
            return -errno;
        }
        auto rings = base::Mapping::map_shared_at(places[i].rings.address, file.get(),
                                                  places[i].rings.bytes);
        if (!rings) {
            return -rings.error();
        }
        open_[i + 1].emplace(Open{{.relid = places[i].relid}, std::move(rings).value()});
    }
    return 0;
}

bool SubChannels::replace_lost(const void* address) noexcept {
    const auto found = std::find_if(open_.begin(), open_.end(), [address](const auto& each) {
        return each && each->rings.contains(address);
    });
    return found != open_.end() && (*found)->rings.replace_by_zeroes();
}

std::uint16_t SubChannels::without_gap() const noexcept {
    std::uint16_t ready = 0;
    while (ready + std::size_t{1} < open_.size() && open_[ready + std::size_t{1}]) {
        ++ready;
    }
    return ready;
}

}  // namespace vmbus::bus
