// Hugepages, and whether a program of ours may know physical addresses.
#pragma once

#include <string>
#include <vector>

#include "tree.hpp"

namespace vmbus::devbind {

struct Hugepages {
    unsigned long total = 0;
    unsigned long free = 0;
};
/// Of all sizes; of the whole machine, or of one NUMA node.
Hugepages read_hugepages(const Tree& tree);
Hugepages read_hugepages(const Tree& tree, int node);

/// "node0", "node1": none on a kernel without NUMA.
std::vector<std::string> numa_nodes(const Tree& tree);

bool is_hugetlbfs_mounted(const Tree& tree);
/// CAP_SYS_ADMIN, without which /proc/self/pagemap hides what EAL looks for there.
bool sees_physical_addresses(const Tree& tree);

}  // namespace vmbus::devbind
