// What docs/nics/netvsc.md and docs/tuning.md say of device arguments is what happens.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "net/netvsc/devargs.hpp"

namespace vmbus::netvsc {
namespace {

using testing::UnorderedElementsAreArray;

/// The first two cells of the rows between two lines of a page, without backticks.
struct Row {
    std::string key;
    std::string second;
};

std::string plain(std::string cell) {
    std::erase(cell, '`');
    const auto begin = cell.find_first_not_of(' ');
    return begin == std::string::npos ? ""
                                      : cell.substr(begin, cell.find_last_not_of(' ') - begin + 1);
}

std::vector<Row> table(const std::string& page, const std::string& heading) {
    std::ifstream file(SOURCE_ROOT "/docs/" + page);
    std::vector<Row> rows;
    std::string line;
    while (std::getline(file, line) && line != heading) {
    }
    while (std::getline(file, line) && !line.starts_with("## ")) {
        const auto end = line.find('|', 1);
        if (line.starts_with("| `") && end != std::string::npos) {
            rows.push_back({plain(line.substr(1, end - 1)),
                            plain(line.substr(end + 1, line.find('|', end + 1) - end - 1))});
        }
    }
    return rows;
}

std::vector<Row> arguments() {
    return table("nics/netvsc.md", "## Device arguments");
}

/// "latency=<uint32> vf=<on|off>" without the values.
std::vector<std::string> known_keys() {
    std::vector<std::string> keys;
    std::string_view text = kParameters;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        keys.emplace_back(word.substr(0, word.find('=')));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
    return keys;
}

bool taken(const std::string& key, const std::string& value) {
    DeviceArguments arguments;
    std::string problem;
    return parse_arguments(key + "=" + value, arguments, problem);
}

void expect_default(const std::string& key, const std::string& value) {
    DeviceArguments arguments;
    std::string problem;
    EXPECT_TRUE(parse_arguments(key + "=" + value, arguments, problem)) << problem;
    EXPECT_EQ(arguments, DeviceArguments{}) << key << " is not " << value << " by itself";
}

/// "0 to 6553 µs": the ends are taken, and what lies behind them is not.
void expect_range(const std::string& key, const std::string& range) {
    const long least = std::stol(range);
    const long most = std::stol(range.substr(range.find(" to ") + 4));
    EXPECT_TRUE(taken(key, std::to_string(least))) << key;
    EXPECT_FALSE(taken(key, std::to_string(least - 1))) << key;
    EXPECT_TRUE(taken(key, std::to_string(most))) << key;
    EXPECT_FALSE(taken(key, std::to_string(most + 1))) << key;
}

/// "on, off": each is taken, and another is not.
void expect_choices(const std::string& key, std::string choices) {
    for (choices += ", "; !choices.empty(); choices.erase(0, choices.find(", ") + 2)) {
        EXPECT_TRUE(taken(key, choices.substr(0, choices.find(", ")))) << key << choices;
    }
    EXPECT_FALSE(taken(key, "2")) << key;
}

TEST(Guide, HasEveryDeviceArgument) {
    std::vector<std::string> keys;
    for (const Row& row : arguments()) {
        keys.push_back(row.key);
    }
    EXPECT_THAT(keys, UnorderedElementsAreArray(known_keys()));
}

TEST(Guide, DeviceArgumentsHaveTheirRangesAndDefaults) {
    for (const auto& [key, cell] : arguments()) {
        const auto bracket = cell.find(" (");
        ASSERT_NE(bracket, std::string::npos) << key;
        const std::string range = cell.substr(0, bracket);
        expect_default(key, cell.substr(bracket + 2, cell.find(')') - bracket - 2));
        range.find(" to ") != std::string::npos ? expect_range(key, range)
                                                : expect_choices(key, range);
    }
}

TEST(Guide, TuningNamesTheSameDefaults) {
    unsigned defaults = 0;
    for (const auto& [cell, unused] : table("tuning.md", "## Knobs")) {
        const auto bracket = cell.find(" (");
        if (bracket != std::string::npos) {
            const std::string value =
                cell.substr(bracket + 2, cell.find_first_of(" )", bracket + 2) - bracket - 2);
            expect_default(cell.substr(0, bracket), value);
            ++defaults;
        }
    }
    EXPECT_GT(defaults, 3U);
}

}  // namespace
}  // namespace vmbus::netvsc
