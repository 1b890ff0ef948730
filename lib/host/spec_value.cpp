#include "host/spec_value.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "wire/guid.hpp"

namespace vmbus::host {
namespace {

unsigned power_of(char suffix) noexcept {
    switch (suffix) {
        case 'k':
        case 'K': return 1;
        case 'm':
        case 'M': return 2;
        case 'g':
        case 'G': return 3;
        default: return 0;
    }
}

/// The largest number when the product does not fit: it is out of every bound.
std::uint64_t scaled(std::uint64_t number, std::uint64_t unit, unsigned power) noexcept {
    constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
    for (; power > 0; --power) {
        number = number > kMost / unit ? kMost : number * unit;
    }
    return number;
}

std::optional<std::uint64_t> read_number(std::string_view text, Suffix suffix) noexcept {
    unsigned power = 0;
    if (suffix != Suffix::kNone && !text.empty() && (power = power_of(text.back())) > 0) {
        text.remove_suffix(1);
    }
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || end != text.data() + text.size() || error == std::errc::invalid_argument) {
        return std::nullopt;
    }
    return error == std::errc::result_out_of_range
               ? std::numeric_limits<std::uint64_t>::max()
               : scaled(number, static_cast<std::uint64_t>(suffix), power);
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text, Bounds bounds, Suffix suffix,
                                          std::string& why) {
    const auto number = read_number(text, suffix);
    if (!number) {
        why = suffix == Suffix::kNone ? "not a number" : "not a number, with or without K, M or G";
        return std::nullopt;
    }
    if (*number < bounds.least || *number > bounds.most) {
        why = "must be " + std::to_string(bounds.least) + " to " + std::to_string(bounds.most);
        return std::nullopt;
    }
    return number;
}

std::optional<MacAddress> parse_mac(std::string_view text, std::string& why) {
    why = "not a MAC address such as 00:15:5d:00:00:01";
    MacAddress mac{};
    if (text.size() != 17) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < mac.size(); ++i) {
        const int high = wire::detail::hex_digit(text[3 * i]);
        const int low = wire::detail::hex_digit(text[3 * i + 1]);
        if (high < 0 || low < 0 || (i > 0 && text[3 * i - 1] != ':')) {
            return std::nullopt;
        }
        mac[i] = static_cast<std::uint8_t>(high * 16 + low);
    }
    if ((mac[0] & 1U) != 0 || mac == MacAddress{}) {
        why = "not the address of one station";
        return std::nullopt;
    }
    why.clear();
    return mac;
}

std::string printable(std::string_view text) {
    constexpr std::size_t kMost = 60;
    std::string line(text.substr(0, kMost));
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text.size() > kMost ? line + "..." : line;
}

std::optional<std::string_view> Parts::next() noexcept {
    if (done) {
        return std::nullopt;
    }
    const auto part = rest.substr(0, rest.find(separator));
    done = part.size() == rest.size();
    rest.remove_prefix(done ? rest.size() : part.size() + 1);
    return part;
}

}  // namespace vmbus::host
