// JSON Lines among what a program printed: EAL speaks too, on the other stream.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace vmbus::test {

/// Every line that begins an object; one that is not valid fails the test.
inline std::vector<nlohmann::json> json_lines(const std::string& output) {
    std::vector<nlohmann::json> objects;
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with('{')) {
            objects.push_back(nlohmann::json::parse(line, nullptr, false));
            EXPECT_FALSE(objects.back().is_discarded()) << line;
        }
    }
    return objects;
}

/// The last one, which netvsc-fwd --json writes at its end.
inline nlohmann::json last_json(const std::string& output) {
    const auto objects = json_lines(output);
    EXPECT_FALSE(objects.empty()) << output;
    return objects.empty() ? nlohmann::json::object() : objects.back();
}

}  // namespace vmbus::test
