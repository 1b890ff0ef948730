#include "eal_line.hpp"

#include <fmt/core.h>

#include <map>
#include <set>

#include "memory.hpp"

namespace vmbus::devbind {
namespace {

void append(std::string& line, const std::string& words) {
    line += line.empty() ? "" : " ";
    line += words;
}

/// One PCI function of MANA is the VF of several NICs, told apart by `mac`.
std::string vf_options(const std::vector<Nic>& nics) {
    std::map<std::string, std::string> by_function;
    for (const Nic& nic : nics) {
        if (nic.vf && !nic.vf->pci.empty()) {
            auto& arguments = by_function[nic.vf->pci];
            arguments += nic.vf->is_mana() ? ",mac=" + nic.mac : "";
        }
    }
    std::string options = by_function.empty() ? "--no-pci" : "";
    for (const auto& [pci, arguments] : by_function) {
        append(options, fmt::format("-a {}{}", pci, arguments));
    }
    return options;
}

/// The CPUs beside the NICs, where the machine has several nodes and all NICs are on one.
std::string lcores(const Tree& tree, const std::vector<Nic>& nics) {
    std::set<int> nodes;
    for (const Nic& nic : nics) {
        nodes.insert(nic.numa);
    }
    if (numa_nodes(tree).size() < 2 || nodes.size() != 1 || *nodes.begin() < 0) {
        return {};
    }
    return tree.line("/sys/devices/system/node/node" + std::to_string(*nodes.begin()) + "/cpulist");
}

}  // namespace

std::string eal_line(const Tree& tree, const std::vector<Nic>& nics,
                     const std::optional<Plugin>& plugin) {
    std::string line;
    if (const auto cpus = lcores(tree, nics); !cpus.empty()) {
        append(line, "-l " + cpus);
    }
    if (read_hugepages(tree).total == 0) {
        append(line, "--no-huge -m 512");
    }
    if (plugin && !plugin->loaded_by_itself) {
        append(line, "-d " + plugin->path);
    }
    for (const Nic& nic : nics) {
        append(line, "-a vmbus:" + nic.uuid);
    }
    append(line, vf_options(nics));
    return line;
}

}  // namespace vmbus::devbind
