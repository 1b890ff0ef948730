#include "host/device_tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

namespace vmbus::host {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kClassId = "{f8615163-df3e-46c5-913f-f2d2f965ed0e}";
constexpr std::string_view kModalias = "vmbus:635161f83edfc546913ff2d2f965ed0e";
constexpr std::string_view kDriver = "uio_hv_generic";

/// Collects the first error of several steps, so that the steps read as a list.
class Steps {
public:
    void operator()(int error) noexcept { error_ = error_ != 0 ? error_ : error; }
    void operator()(const std::error_code& error) noexcept { (*this)(error.value()); }
    int error() const noexcept { return error_; }

private:
    int error_ = 0;
};

int write_file(const std::string& path, std::string_view text, mode_t mode = 0444) noexcept {
    const base::UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (!fd || write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        return errno;
    }
    return 0;
}

/// A directory of attributes under construction: each is one line.
class Attributes {
public:
    explicit Attributes(std::string directory) : directory_(std::move(directory)) {
        std::error_code error;
        fs::create_directories(directory_, error);
        steps_(error);
    }

    void line(const char* name, std::string_view value, mode_t mode = 0444) {
        steps_(write_file(directory_ + "/" + name, std::string(value) + "\n", mode));
    }
    template <class Integer>
    requires std::is_integral_v<Integer>
    void line(const char* name, Integer value) { line(name, std::to_string(value)); }
    /// As %pa prints a physical address on a 64-bit machine.
    void address(const char* name, std::uint64_t value) {
        std::array<char, 24> text{};
        std::snprintf(text.data(), text.size(), "0x%016" PRIx64, value);
        line(name, text.data());
    }
    int error() const noexcept { return steps_.error(); }

private:
    std::string directory_;
    Steps steps_;
};

int write_device(const std::string& directory, const NicNode& nic) {
    Attributes device(directory);
    device.line("class_id", kClassId);
    device.line("device_id", "{" + nic.instance + "}");
    device.line("id", nic.primary.relid);
    device.line("state", 0);
    if (nic.primary.monitor_id) {
        device.line("monitor_id", *nic.primary.monitor_id);
    }
    device.line("numa_node", nic.numa_node);
    device.line("vendor", "0x1414");
    device.line("device", "0x3");
    device.line("modalias", kModalias);
    device.line("uevent", (nic.bound ? "DRIVER=uio_hv_generic\n" : "") +
                              ("MODALIAS=" + std::string(kModalias)));
    device.line("driver_override", "(null)");
    device.line("channel_vp_mapping",
                std::to_string(nic.primary.relid) + ":" + std::to_string(nic.primary.cpu));
    return device.error();
}

int write_channel(const std::string& directory, const ChannelNode& node) {
    Attributes channel(directory);
    channel.line("subchannel_id", node.subchannel_index);
    channel.line("cpu", node.cpu);
    for (const char* const counter : {"interrupts", "events", "intr_in_full", "intr_out_empty",
                                      "out_full_first", "out_full_total"}) {
        channel.line(counter, 0);
    }
    if (node.monitor_id) {
        channel.line("monitor_id", *node.monitor_id);
        channel.line("pending", 0);
        channel.line("latency", 0);
    }
    return channel.error();
}

int write_map(const std::string& directory, const MapNode& node) {
    Attributes map(directory);
    map.line("name", node.name);
    map.address("addr", 0);  // a kernel address, which drivers must not interpret
    map.address("size", node.size);
    map.line("offset", "0x0");
    return map.error();
}

int write_uio(const std::string& directory, const NicNode& nic) {
    Attributes uio(directory);
    uio.line("name", kDriver);
    uio.line("version", "0.02.1");
    uio.line("event", 0);
    uio.line("dev", std::to_string(face::kUioMajor) + ":" + std::to_string(nic.number));
    Steps steps;
    steps(uio.error());
    for (std::size_t i = 0; i < nic.maps.size(); ++i) {
        steps(write_map(directory + "/maps/map" + std::to_string(i), nic.maps[i]));
    }
    std::error_code error;
    fs::create_symlink("../../../" + nic.instance, directory + "/device", error);
    steps(error);
    return steps.error();
}

std::string uio_name(const NicNode& nic) {
    return "uio" + std::to_string(nic.number);
}

std::uint64_t free_bytes(const char* folder) noexcept {
    struct statvfs state {};
    return statvfs(folder, &state) == 0 ? std::uint64_t{state.f_bavail} * state.f_frsize : 0;
}

/// Either may be tiny: the first is a tenth of memory, the second 64 MiB in many containers.
std::string roomiest_folder() {
    const char* const shm = "/dev/shm";
    const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
    return runtime != nullptr && free_bytes(runtime) > free_bytes(shm) ? runtime : shm;
}

int create_skeleton(const std::string& root) noexcept {
    Steps steps;
    for (const char* const folder :
         {"/sys/bus/vmbus/devices", "/sys/bus/vmbus/drivers/uio_hv_generic", "/sys/class/uio",
          "/dev", "/mem", "/aside"}) {
        std::error_code error;
        fs::create_directories(root + folder, error);
        steps(error);
    }
    return steps.error();
}

}  // namespace

base::Result<DeviceTree> DeviceTree::create() noexcept {
    std::error_code error;
    std::string root = fs::canonical(roomiest_folder(), error).string() + "/vmbus-host-XXXXXX";
    if (error || mkdtemp(root.data()) == nullptr) {
        return base::Result<DeviceTree>::error(error ? error.value() : errno);
    }
    if (const int failed = create_skeleton(root); failed != 0) {
        fs::remove_all(root, error);
        return base::Result<DeviceTree>::error(failed);
    }
    return DeviceTree(std::move(root));
}

base::Result<base::UniqueFd> DeviceTree::create_memory(const std::string& name,
                                                       std::uint64_t size) const noexcept {
    const std::string path = root_ + "/mem/" + name;
    base::UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd || ftruncate(fd.get(), static_cast<off_t>(size)) != 0) {
        return base::Result<base::UniqueFd>::error(errno);
    }
    return fd;
}

int DeviceTree::remove_memory(const std::string& name) const noexcept {
    return unlink((root_ + "/mem/" + name).c_str()) == 0 ? 0 : errno;
}

int DeviceTree::set_ring_file_size(std::uint64_t size) const noexcept {
    return write_file(root_ + face::kRingFileSize, std::to_string(size) + "\n");
}

int DeviceTree::set_kernel_release(const std::string& release) const noexcept {
    return write_file(root_ + face::kKernelRelease, release + "\n");
}

std::string DeviceTree::socket_path(unsigned number) const {
    return root_ + "/dev/uio" + std::to_string(number) + ".sock";
}

std::string DeviceTree::device_directory(const NicNode& nic) const {
    return root_ + "/sys/bus/vmbus/devices/" + nic.instance;
}

std::string DeviceTree::channel_directory(const NicNode& nic, std::uint32_t relid) const {
    return device_directory(nic) + "/channels/" + std::to_string(relid);
}

int DeviceTree::add_nic(const NicNode& nic) const noexcept {
    const std::string aside = root_ + "/aside/" + nic.instance;
    Steps steps;
    std::error_code error;
    steps(write_device(aside, nic));
    steps(write_channel(aside + "/channels/" + std::to_string(nic.primary.relid), nic.primary));
    if (nic.bound) {
        steps(write_uio(aside + "/uio/" + uio_name(nic), nic));
        fs::create_symlink("../../drivers/" + std::string(kDriver), aside + "/driver", error);
        steps(error);
    }
    if (steps.error() == 0) {
        fs::rename(aside, device_directory(nic), error);
        steps(error);
    }
    if (steps.error() != 0) {
        fs::remove_all(aside, error);
        return steps.error();
    }
    return nic.bound ? link_nic(nic) : 0;
}

/// What points to a NIC from elsewhere: udev and tools start there.
int DeviceTree::link_nic(const NicNode& nic) const noexcept {
    Steps steps;
    std::error_code error;
    fs::create_symlink("../../bus/vmbus/devices/" + nic.instance + "/uio/" + uio_name(nic),
                       root_ + "/sys/class/uio/" + uio_name(nic), error);
    steps(error);
    fs::create_symlink(
        "../../devices/" + nic.instance,
        root_ + "/sys/bus/vmbus/drivers/" + std::string(kDriver) + "/" + nic.instance, error);
    steps(error);
    return steps.error();
}

int DeviceTree::remove_nic(const NicNode& nic) const noexcept {
    std::error_code ignored;
    fs::remove(root_ + "/sys/class/uio/" + uio_name(nic), ignored);
    fs::remove(root_ + "/sys/bus/vmbus/drivers/" + std::string(kDriver) + "/" + nic.instance,
               ignored);
    return discard(device_directory(nic));
}

/// In one step out of sight, then piece by piece.
int DeviceTree::discard(const std::string& directory) const noexcept {
    const std::string aside = root_ + "/aside/discarded";
    std::error_code error;
    fs::rename(directory, aside, error);
    if (!error) {
        fs::remove_all(aside, error);
    }
    return error.value();
}

int DeviceTree::add_channel(const NicNode& nic, const ChannelNode& channel) const noexcept {
    const std::string aside = root_ + "/aside/channel";
    Steps steps;
    std::error_code error;
    steps(write_channel(aside, channel));
    if (steps.error() == 0) {
        fs::rename(aside, channel_directory(nic, channel.relid), error);
        steps(error);
    }
    fs::remove_all(aside, error);
    return steps.error();
}

int DeviceTree::remove_channel(const NicNode& nic, std::uint32_t relid) const noexcept {
    return discard(channel_directory(nic, relid));
}

int DeviceTree::expose_ring(const NicNode& nic, std::uint32_t relid,
                            const std::string& memory) const noexcept {
    std::error_code error;
    fs::create_hard_link(root_ + "/mem/" + memory, channel_directory(nic, relid) + "/ring", error);
    return error.value();
}

int DeviceTree::set_state(const NicNode& nic, unsigned state) const noexcept {
    return write_file(device_directory(nic) + "/state", std::to_string(state) + "\n");
}

int DeviceTree::set_channel_mapping(const NicNode& nic, const std::string& lines) const noexcept {
    return write_file(device_directory(nic) + "/channel_vp_mapping", lines);
}

}  // namespace vmbus::host
