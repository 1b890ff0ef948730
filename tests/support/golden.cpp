#include "golden.hpp"

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace vmbus::test {
namespace {

std::string without_comments(std::string_view text) {
    std::string code;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        code += line.substr(0, line.find('#')) + '\n';
    }
    return code;
}

template <class T>
bool parse_number(std::string_view text, T& value, int base) {
    const auto [end, error] = std::from_chars(text.begin(), text.end(), value, base);
    return error == std::errc{} && end == text.end();
}

/// `bb` or `bb*n`.
bool append_word(std::string_view word, std::vector<std::byte>& bytes) {
    const std::size_t star = word.find('*');
    std::uint8_t value = 0;
    std::size_t times = 1;
    if (star != std::string_view::npos && !parse_number(word.substr(star + 1), times, 10)) {
        return false;
    }
    if (word.substr(0, star).size() != 2 || !parse_number(word.substr(0, star), value, 16)) {
        return false;
    }
    bytes.insert(bytes.end(), times, std::byte{value});
    return true;
}

}  // namespace

std::vector<std::byte> parse_hex(std::string_view text) {
    std::vector<std::byte> bytes;
    std::istringstream words(without_comments(text));
    for (std::string word; words >> word;) {
        if (!append_word(word, bytes)) {
            return {};
        }
    }
    return bytes;
}

std::vector<std::byte> golden(const std::string& name) {
    std::ifstream file(std::string(GOLDEN_FOLDER) + "/" + name + ".hex");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    auto bytes = parse_hex(text);
    if (bytes.empty() || !text.starts_with("# source: ")) {
        std::fprintf(stderr, "golden/%s.hex: missing, without a source, or not hex\n",
                     name.c_str());
        std::abort();
    }
    return bytes;
}

}  // namespace vmbus::test
