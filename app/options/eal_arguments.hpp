// The command line of a program over EAL: `PROGRAM EAL-ARGUMENTS -- OWN`. EAL stops at the first
// `--`; so does this, and what follows is the program's own. Start-up only.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace options {

/// What follows the first `--`. Without one EAL has it all, but for a `--help` that stands alone.
inline std::vector<std::string> own_arguments(int argc, const char* const* argv) {
    const std::span all(argv, static_cast<std::size_t>(argc));
    const auto divider = std::find(all.begin(), all.end(), std::string_view("--"));
    if (divider != all.end()) {
        return {divider + 1, all.end()};
    }
    const bool asks_for_help = argc == 2 && std::string_view(argv[1]) == "--help";
    return asks_for_help ? std::vector<std::string>{argv[1]} : std::vector<std::string>{};
}

/// The same, last first, as CLI11 wants them.
inline std::vector<std::string> own_arguments_reversed(int argc, const char* const* argv) {
    std::vector<std::string> own = own_arguments(argc, argv);
    std::reverse(own.begin(), own.end());
    return own;
}

}  // namespace options
