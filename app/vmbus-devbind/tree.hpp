// Tree: this machine's /sys, /proc, /etc, /run and /dev, or a folder that stands for its root
// (--sysfs-root). Reads only: what changes the kernel is in kernel.hpp. Names are absolute, as they
// are on a machine: "/sys/bus/vmbus/devices".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vmbus::devbind {

class Tree {
public:
    /// Empty: this machine. A folder without `sys` in it is itself what /sys is.
    explicit Tree(std::string root = {});

    bool is_this_machine() const { return root_.empty(); }
    /// Where a name lies.
    std::string path(std::string_view name) const;

    /// The whole file, or nothing when it cannot be read.
    std::optional<std::string> text(std::string_view name) const;
    /// Its first line; empty when there is none.
    std::string line(std::string_view name) const;
    /// The names in a folder, sorted; none when there is no folder.
    std::vector<std::string> list(std::string_view name) const;
    /// The last part of what a link points to; empty when it is none.
    std::string link(std::string_view name) const;
    bool exists(std::string_view name) const;
    /// 0, or the errno that stands in the way of writing there.
    int write_obstacle(std::string_view name) const;

private:
    std::string root_;
    bool has_sys_ = true;
};

inline constexpr std::string_view kDevices = "/sys/bus/vmbus/devices/";
inline constexpr std::string_view kDrivers = "/sys/bus/vmbus/drivers/";
inline constexpr std::string_view kUioDriver = "uio_hv_generic";
inline constexpr std::string_view kNetDriver = "hv_netvsc";

/// "/sys/bus/vmbus/devices/UUID/what".
inline std::string of_device(const std::string& uuid, std::string_view what) {
    return std::string(kDevices) + uuid + "/" + std::string(what);
}
/// "/sys/bus/vmbus/drivers/DRIVER/what".
inline std::string of_driver(std::string_view driver, std::string_view what) {
    return std::string(kDrivers) + std::string(driver) + "/" + std::string(what);
}
/// "/sys/class/net/IFNAME/what".
inline std::string of_interface(const std::string& ifname, std::string_view what) {
    return "/sys/class/net/" + ifname + "/" + std::string(what);
}

}  // namespace vmbus::devbind
