// compare: the orchestrator, `netvsc-bench compare`. Runs each case with our driver and with the
// distribution's in turn, several times, each on an emulated host of its own, and prints the ratio
// table. Leaves in its folder: runs.jsonl, each run as it came; rows.json; table.md.
#pragma once

#include <string>
#include <vector>

#include "bench_run.hpp"
#include "rows.hpp"

namespace netvsc_bench {

struct CompareOptions {
    Workshop workshop;
    unsigned runs = 5;
    double seconds = 0.3;
    std::vector<std::string> sizes = {"64", "512", "1514", "imix"};
    std::vector<std::uint16_t> queues = {1, 4};
    bool instructions = true;
};

/// The program; returns the exit status.
int compare(int argc, char** argv);

/// All rows; progress and failures go to standard error, each run to `lines`.
std::vector<Row> compare_all(const CompareOptions& options, std::ostream& lines);

}  // namespace netvsc_bench
