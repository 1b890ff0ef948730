#include "rows.hpp"

#include <algorithm>
#include <cstdio>

namespace netvsc_bench {
namespace {

double ratio_of(double ours, double theirs, Better better) {
    const double over = better == Better::kMore ? ours : theirs;
    const double under = better == Better::kMore ? theirs : ours;
    return under > 0 ? over / under : 0;
}

std::vector<double> pairwise(const Row& row) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(row.ours.size(), row.theirs.size()); ++i) {
        ratios.push_back(ratio_of(row.ours[i], row.theirs[i], row.better));
    }
    return ratios;
}

}  // namespace

double median(std::vector<double> values) {
    if (values.empty()) {
        return 0;
    }
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 != 0 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double Row::ratio() const {
    return ratio_of(median(ours), median(theirs), better);
}

Json to_json(const Row& row) {
    const std::vector<double> ratios = pairwise(row);
    return {{"name", row.name},
            {"peer", "distribution"},
            {"ours", median(row.ours)},
            {"theirs", median(row.theirs)},
            {"ratio", row.ratio()},
            {"unit", row.unit},
            {"runs", ratios.size()},
            {"min", *std::min_element(ratios.begin(), ratios.end())},
            {"max", *std::max_element(ratios.begin(), ratios.end())}};
}

std::string table_line(const Row& row) {
    const Json json = to_json(row);
    const auto number = [&json](const char* key) { return json[key].get<double>(); };
    char line[256];
    std::snprintf(line, sizeof line, "| %s | %.4g | %.4g | %s | %.2f | %.2f | %.2f | %zu |\n",
                  row.name.c_str(), number("ours"), number("theirs"), row.unit.c_str(),
                  number("ratio"), number("min"), number("max"), json["runs"].get<std::size_t>());
    return line;
}

}  // namespace netvsc_bench
