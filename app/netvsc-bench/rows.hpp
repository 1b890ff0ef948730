// The result of a comparison: one row for each figure, ours beside theirs. A ratio above 1 always
// means that ours is better; it compares medians, min and max are the extremes of the ratios of
// runs of the same number.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench_run.hpp"

namespace netvsc_bench {

enum class Better : bool { kMore, kLess };

struct Row {
    std::string name;
    std::string unit;
    Better better;
    std::vector<double> ours;    ///< by run
    std::vector<double> theirs;  ///< by run

    double ratio() const;
};

double median(std::vector<double> values);

/// In the form of summary.json.
Json to_json(const Row& row);
/// A line of the Markdown table, and the lines above it.
std::string table_line(const Row& row);
inline constexpr std::string_view kTableHead =
    "| case | ours | distribution | unit | ratio | min | max | runs "
    "|\n|---|---|---|---|---|---|---|---|\n";

}  // namespace netvsc_bench
