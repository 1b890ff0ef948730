// Golden bytes: messages as they look on the wire, from outside this project (tests/golden/*.hex).
// The first line of each file names its source. What follows is hex, `bb*n` for n bytes alike, and
// comments from `#` to the end of a line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vmbus::test {

/// The bytes of tests/golden/<name>.hex. Ends the program with a message when there are none.
std::vector<std::byte> golden(const std::string& name);

/// The bytes that `text` spells, or none at all when a word of it is not hex.
std::vector<std::byte> parse_hex(std::string_view text);

}  // namespace vmbus::test
