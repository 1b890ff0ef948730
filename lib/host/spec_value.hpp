// Values of a spec: numbers with bounds, sizes with K, M and G, addresses. Pure functions, any
// thread. Each says in `why` what it would have accepted, without naming the key: its caller does.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vmbus::host {

using MacAddress = std::array<std::uint8_t, 6>;

struct Bounds {
    std::uint64_t least;
    std::uint64_t most;
};

/// What a suffix K stands for; M and G are its square and cube.
enum class Suffix : std::uint16_t { kNone = 1, kDecimal = 1000, kBinary = 1024 };

std::optional<std::uint64_t> parse_number(std::string_view text, Bounds bounds, Suffix suffix,
                                          std::string& why);

/// A station's address, as in 00:15:5d:00:00:01; not a group's, not zero.
std::optional<MacAddress> parse_mac(std::string_view text, std::string& why);

/// Foreign text for a message: one line of printable characters, shortened.
std::string printable(std::string_view text);

/// Cuts the part up to the first `separator` off `rest`; nothing when all parts are taken. An empty
/// text has one empty part. Start with done = false.
struct Parts {
    std::string_view rest;
    char separator;
    bool done = false;

    std::optional<std::string_view> next() noexcept;
};

}  // namespace vmbus::host
