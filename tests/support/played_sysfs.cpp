#include "support/played_sysfs.hpp"

#include <cerrno>
#include <fstream>
#include <utility>

#include "wire/guid.hpp"

namespace vmbus::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kClass = "{f8615163-df3e-46c5-913f-f2d2f965ed0e}";
constexpr const char* kUio = "uio_hv_generic";
constexpr const char* kNet = "hv_netvsc";
constexpr const char* kDown = "0x1002";
constexpr const char* kUp = "0x1003";
constexpr int kNotSupported = 524;  // ENOTSUPP

std::string without_line_end(std::string_view text) {
    return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

PlayedSysfs::PlayedSysfs(fs::path root) : root_(std::move(root)) {
    for (const char* folder : {"/sys/bus/vmbus/devices", "/sys/bus/pci", "/sys/class/net",
                               "/sys/class/uio", "/proc/net", "/etc", "/run", "/dev"}) {
        fs::create_directories(at(folder));
    }
    add_module(kNet);
}

fs::path PlayedSysfs::device(const std::string& uuid, std::string_view what) const {
    return at("/sys/bus/vmbus/devices/" + uuid) / what;
}

void PlayedSysfs::put(std::string_view name, std::string_view text) const {
    const fs::path path = at(name);
    fs::create_directories(path.parent_path());
    const fs::path beside = root_ / "new";
    std::ofstream(beside) << text << '\n';
    fs::rename(beside, path);
}

std::string PlayedSysfs::line(std::string_view name) const {
    std::ifstream file(at(name));
    std::string text;
    std::getline(file, text);
    return text;
}

void PlayedSysfs::link(const fs::path& target, std::string_view name) const {
    fs::create_directories(at(name).parent_path());
    fs::remove(at(name));
    fs::create_symlink(target, at(name));
}

void PlayedSysfs::add_module(const std::string& driver) {
    for (const char* attribute : {"bind", "unbind", "new_id", "remove_id"}) {
        put("/sys/bus/vmbus/drivers/" + driver + "/" + attribute, "");
    }
}

void PlayedSysfs::add_nic(const PlayedNic& nic) {
    const std::string folder = "/sys/bus/vmbus/devices/" + nic.uuid + "/";
    nics_[nic.uuid] = nic;
    put(folder + "class_id", kClass);
    put(folder + "device_id", "{" + nic.uuid + "}");
    put(folder + "numa_node", "0");
    put(folder + "channels/11/cpu", "0");
    if (has_override_) put(folder + "driver_override", "(null)");
    if (nic.monitor_bit) put(folder + "monitor_id", "3");
    if (!nic.vf_ifname.empty()) {
        const std::string pci = "/sys/devices/pci/" + nic.vf_pci;
        link(root_ / "sys/bus/pci", pci + "/subsystem");
        link(root_ / "sys/bus/pci/drivers" / nic.vf_driver, pci + "/driver");
        link(at(pci), "/sys/class/net/" + nic.vf_ifname + "/device");
        put("/sys/class/net/" + nic.vf_ifname + "/address", nic.mac);
        put("/sys/class/net/" + nic.vf_ifname + "/flags", nic.up ? kUp : kDown);
    }
    link(at("/sys/bus/vmbus/drivers") / kNet, folder + "driver");
    show_interface(nic);
    put(folder + "net/" + nic.ifname + "/flags", nic.up ? kUp : kDown);
}

void PlayedSysfs::add_two_nics(const std::string& first, const std::string& second) {
    add_nic({.uuid = first, .ifname = "eth1", .mac = "00:15:5d:00:00:01"});
    add_nic({.uuid = second,
             .ifname = "eth2",
             .mac = "00:15:5d:00:00:02",
             .vf_ifname = "enP2s2",
             .vf_pci = "0002:00:02.0"});
    add_module("uio_hv_generic");
}

void PlayedSysfs::remove_nic(const std::string& uuid) {
    const PlayedNic nic = nics_.at(uuid);
    nics_.erase(uuid);
    ++attachments_[uuid];
    fs::remove(at("/sys/class/net/" + nic.ifname));
    fs::remove_all(device(uuid, ""));
    if (!nic.vf_ifname.empty()) fs::remove_all(at("/sys/class/net/" + nic.vf_ifname));
}

void PlayedSysfs::without_driver_override() {
    has_override_ = false;
    for (const auto& [uuid, nic] : nics_) {
        fs::remove(device(uuid, "driver_override"));
    }
}

void PlayedSysfs::refuse(const std::string& attribute, int error, int count) {
    refusals_[attribute] = {error, count};
}

void PlayedSysfs::in(unsigned delay_ms, std::function<void()> what) {
    if (delay_ms == 0) {
        what();
    } else {
        due_.push_back({now_ms_ + delay_ms, std::move(what)});
    }
}

void PlayedSysfs::tick(unsigned long now_ms) {
    now_ms_ = now_ms;
    std::vector<Due> ripe;
    for (auto at = due_.begin(); at != due_.end();) {
        if (at->when_ms <= now_ms) {
            ripe.push_back(std::move(*at));
            at = due_.erase(at);
        } else {
            ++at;
        }
    }
    for (const Due& each : ripe) {
        each.what();
    }
}

int PlayedSysfs::write(std::string_view name, std::string_view text) {
    const fs::path path = name;
    const std::string attribute = path.filename();
    const std::string holder = path.parent_path().filename();
    writes_.push_back(attribute + " " + without_line_end(text));
    if (auto refusal = refusals_.find(attribute);
        refusal != refusals_.end() && refusal->second.second > 0) {
        --refusal->second.second;
        return refusal->second.first;
    }
    if (!fs::exists(at(name))) {
        return ENOENT;
    }
    if (name.starts_with("/sys/bus/vmbus/drivers/")) {
        return write_driver(holder, attribute, without_line_end(text));
    }
    if (attribute == "driver_override") {
        const std::string driver = without_line_end(text);
        put(name, driver.empty() ? "(null)" : driver);
        return 0;
    }
    if (attribute == "flags") {
        put(name, without_line_end(text));
        return 0;
    }
    return EACCES;
}

int PlayedSysfs::write_driver(const std::string& driver, const std::string& attribute,
                              const std::string& text) {
    if (attribute == "bind") return bind(driver, text);
    if (attribute == "unbind") return unbind(driver, text);
    if (attribute == "new_id") return add_id(text);
    if (attribute == "remove_id") return dynamic_ids_.erase(text) == 1 ? 0 : ENODEV;
    return EACCES;
}

bool PlayedSysfs::matches(const std::string& driver, const std::string& uuid) const {
    const std::string wanted = override_of(uuid);
    if (!wanted.empty()) {
        return wanted == driver;
    }
    return driver == kNet || dynamic_ids_.contains(wire::to_string(wire::kNicClass));
}

int PlayedSysfs::bind(const std::string& driver, const std::string& uuid) {
    const auto nic = nics_.find(uuid);
    if (nic == nics_.end() || !matches(driver, uuid)) {
        return ENODEV;
    }
    if (!driver_of(uuid).empty()) {
        return EBUSY;
    }
    if (driver == kUio && needs_monitor_bit_ && !nic->second.monitor_bit) {
        return kNotSupported;
    }
    attach(driver, uuid);
    return 0;
}

void PlayedSysfs::attach(const std::string& driver, const std::string& uuid) {
    const PlayedNic& nic = nics_.at(uuid);
    const bool vf_taken =
        !nic.vf_ifname.empty() && fs::is_symlink(at("/sys/class/net/" + nic.vf_ifname + "/master"));
    panicked_ = panicked_ || vf_taken;  // linux-hyperv 2021-06-03
    link(at("/sys/bus/vmbus/drivers") / driver, "/sys/bus/vmbus/devices/" + uuid + "/driver");
    // What was under way for an earlier attachment ends with it.
    const auto still = [this, uuid, number = ++attachments_[uuid]] {
        return nics_.contains(uuid) && attachments_[uuid] == number;
    };
    if (driver == kUio) {
        in(delays.uio_ms, [this, still, uuid] {
            if (still()) show_uio(nics_.at(uuid));
        });
    } else {
        in(delays.interface_ms, [this, still, uuid] {
            if (still()) show_interface(nics_.at(uuid));
        });
    }
}

void PlayedSysfs::show_uio(const PlayedNic& nic) {
    const std::string name = "uio" + std::to_string(uio_count_++);
    put("/sys/bus/vmbus/devices/" + nic.uuid + "/uio/" + name + "/name", kUio);
    put("/sys/bus/vmbus/devices/" + nic.uuid + "/channels/11/ring", "");
    put("/dev/" + name, "");
}

void PlayedSysfs::show_interface(const PlayedNic& nic) {
    const std::string folder = "/sys/bus/vmbus/devices/" + nic.uuid + "/net/" + nic.ifname;
    put(folder + "/address", nic.mac);
    put(folder + "/flags", kDown);
    link(device(nic.uuid, ""), folder + "/device");
    link(at(folder), "/sys/class/net/" + nic.ifname);
    take_vf(nic);
}

void PlayedSysfs::take_vf(const PlayedNic& nic) {
    if (!nic.vf_ifname.empty()) {
        link(at("/sys/class/net/" + nic.ifname), "/sys/class/net/" + nic.vf_ifname + "/master");
    }
}

int PlayedSysfs::unbind(const std::string& driver, const std::string& uuid) {
    if (!nics_.contains(uuid) || driver_of(uuid) != driver) {
        return ENODEV;
    }
    const PlayedNic nic = nics_.at(uuid);
    ++attachments_[uuid];
    fs::remove(device(uuid, "driver"));
    fs::remove(at("/sys/class/net/" + nic.ifname));
    fs::remove_all(device(uuid, "net"));
    fs::remove_all(device(uuid, "uio"));
    fs::remove(device(uuid, "channels/11/ring"));
    if (driver == kNet && !nic.vf_ifname.empty()) {
        in(delays.vf_release_ms,
           [this, nic] { fs::remove(at("/sys/class/net/" + nic.vf_ifname + "/master")); });
    }
    return 0;
}

int PlayedSysfs::add_id(const std::string& text) {
    if (!wire::parse_guid(text)) {
        return EINVAL;
    }
    if (!dynamic_ids_.insert(text).second) {
        return EEXIST;
    }
    for (const auto& [uuid, nic] : nics_) {
        if (driver_of(uuid).empty()) {
            bind(kUio, uuid);  // whether wanted or not
        }
    }
    return 0;
}

std::string PlayedSysfs::driver_of(const std::string& uuid) const {
    std::error_code error;
    return fs::read_symlink(device(uuid, "driver"), error).filename();
}

std::string PlayedSysfs::override_of(const std::string& uuid) const {
    const std::string text = line("/sys/bus/vmbus/devices/" + uuid + "/driver_override");
    return text == "(null)" ? "" : text;
}

bool PlayedSysfs::is_up(const std::string& uuid) const {
    const std::string ifname = nics_.at(uuid).ifname;
    return line("/sys/bus/vmbus/devices/" + uuid + "/net/" + ifname + "/flags") == kUp;
}

}  // namespace vmbus::test
