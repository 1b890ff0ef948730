// The live table: rates, ring occupancy, signals and drops of each port and queue, as lines of text
// no wider than 80 columns. No effects; terminal.hpp shows them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "snapshot.hpp"

namespace netvsc_fwd {

/// What does not change, for the first line.
struct TableTitle {
    std::string mode;
    std::uint64_t started_cycles = 0;
    std::uint64_t cycles_per_second = 1;
};

std::vector<std::string> table_lines(const TableTitle& title, const Snapshot& now,
                                     const Snapshot& before);

/// 1234567 -> "1,234,567".
std::string grouped(std::uint64_t number);

}  // namespace netvsc_fwd
