#include "nic.hpp"

#include <fmt/core.h>
#include <net/if.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "wire/guid.hpp"

namespace vmbus::devbind {
namespace {

int number(const std::string& text, int otherwise) {
    int value = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string first_of(std::vector<std::string> names) {
    return names.empty() ? std::string() : names.front();
}

void read_channels(const Tree& tree, Nic& nic) {
    const std::string folder = of_device(nic.uuid, "channels");
    for (const auto& relid : tree.list(folder)) {
        ++nic.channels;
        nic.rings_missing += tree.exists(fmt::format("{}/{}/ring", folder, relid)) ? 0U : 1U;
    }
}

bool is_pci(const Tree& tree, const std::string& ifname) {
    return tree.link(of_interface(ifname, "device/subsystem")) == "pci";
}

/// While hv_netvsc has the VF, they are linked; else the address tells which one it is.
bool belongs_to(const Tree& tree, const std::string& ifname, const Nic& nic) {
    if (ifname == nic.ifname || !is_pci(tree, ifname)) {
        return false;
    }
    const std::string master = tree.link(of_interface(ifname, "master"));
    if (!nic.ifname.empty() && master == nic.ifname) {
        return true;
    }
    return !nic.mac.empty() && tree.line(of_interface(ifname, "address")) == nic.mac;
}

std::optional<Vf> find_vf(const Tree& tree, const Nic& nic) {
    for (const auto& ifname : tree.list("/sys/class/net")) {
        if (belongs_to(tree, ifname, nic)) {
            return Vf{.pci = tree.link(of_interface(ifname, "device")),
                      .ifname = ifname,
                      .driver = tree.link(of_interface(ifname, "device/driver")),
                      .flags = tree.line(of_interface(ifname, "flags"))};
        }
    }
    return std::nullopt;
}

std::string read_override(const Tree& tree, const std::string& uuid) {
    const std::string text = tree.line(of_device(uuid, "driver_override"));
    return text == "(null)" ? std::string() : text;
}

/// What sysfs has no place for once the interface is gone.
void add_recorded(const Records& records, Nic& nic) {
    const auto record = records.load(nic.uuid);
    if (!record) {
        return;
    }
    nic.interrupted = record->phase != Phase::kBound;
    if (nic.ifname.empty()) {
        nic.earlier_ifname = record->origin.ifname;
        nic.mac = record->origin.mac;
    }
}

Nic read_one(const Tree& tree, const Records& records, const std::string& uuid) {
    Nic nic;
    nic.uuid = uuid;
    nic.driver = tree.link(of_device(uuid, "driver"));
    nic.ifname = first_of(tree.list(of_device(uuid, "net")));
    nic.uio = first_of(tree.list(of_device(uuid, "uio")));
    nic.numa = number(tree.line(of_device(uuid, "numa_node")), -1);
    nic.can_override = tree.exists(of_device(uuid, "driver_override"));
    nic.override_ = read_override(tree, uuid);
    nic.has_monitor_bit = tree.exists(of_device(uuid, "monitor_id"));
    if (!nic.ifname.empty()) {
        nic.mac = tree.line(of_device(uuid, "net/" + nic.ifname + "/address"));
        nic.flags = tree.line(of_device(uuid, "net/" + nic.ifname + "/flags"));
    }
    read_channels(tree, nic);
    add_recorded(records, nic);
    nic.vf = find_vf(tree, nic);
    return nic;
}

bool is_nic(const Tree& tree, const std::string& uuid) {
    return wire::parse_guid(uuid) &&
           wire::parse_guid(tree.line(of_device(uuid, "class_id"))) == wire::kNicClass;
}

}  // namespace

bool is_up(const std::string& flags) {
    return (std::strtoul(flags.c_str(), nullptr, 16) & IFF_UP) != 0;
}

std::vector<Nic> read_nics(const Tree& tree, const Records& records) {
    std::vector<Nic> nics;
    for (const auto& uuid : tree.list("/sys/bus/vmbus/devices")) {
        if (is_nic(tree, uuid)) {
            nics.push_back(read_one(tree, records, uuid));
        }
    }
    return nics;
}

std::optional<Nic> read_nic(const Tree& tree, const Records& records, const std::string& uuid) {
    return is_nic(tree, uuid) ? std::optional(read_one(tree, records, uuid)) : std::nullopt;
}

}  // namespace vmbus::devbind
