#include "memory.hpp"

#include <fmt/core.h>
#include <linux/capability.h>

#include <cstdlib>
#include <sstream>

namespace vmbus::devbind {
namespace {

Hugepages sum_below(const Tree& tree, const std::string& folder) {
    Hugepages sum;
    for (const auto& size : tree.list(folder)) {
        const std::string path = fmt::format("{}/{}/", folder, size);
        sum.total += std::strtoul(tree.line(path + "nr_hugepages").c_str(), nullptr, 10);
        sum.free += std::strtoul(tree.line(path + "free_hugepages").c_str(), nullptr, 10);
    }
    return sum;
}

}  // namespace

Hugepages read_hugepages(const Tree& tree) {
    return sum_below(tree, "/sys/kernel/mm/hugepages");
}

Hugepages read_hugepages(const Tree& tree, int node) {
    return sum_below(tree, "/sys/devices/system/node/node" + std::to_string(node) + "/hugepages");
}

std::vector<std::string> numa_nodes(const Tree& tree) {
    auto names = tree.list("/sys/devices/system/node");
    std::erase_if(names, [](const std::string& name) {
        return !name.starts_with("node") ||
               name.find_first_not_of("0123456789", 4) != std::string::npos;
    });
    return names;
}

bool is_hugetlbfs_mounted(const Tree& tree) {
    std::istringstream mounts(tree.text("/proc/mounts").value_or(""));
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream words(line);
        std::string device;
        std::string folder;
        std::string type;
        words >> device >> folder >> type;
        if (type == "hugetlbfs") {
            return true;
        }
    }
    return false;
}

bool sees_physical_addresses(const Tree& tree) {
    std::istringstream status(tree.text("/proc/self/status").value_or(""));
    constexpr std::string_view kName = "CapEff:";
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(kName)) {
            const auto mask = std::strtoull(line.c_str() + kName.size(), nullptr, 16);
            return (mask & (1ULL << CAP_SYS_ADMIN)) != 0;
        }
    }
    return false;
}

}  // namespace vmbus::devbind
