#include "host/link_spec.hpp"

#include <array>
#include <charconv>

#include "host/spec_value.hpp"

namespace vmbus::host {
namespace {

constexpr std::uint64_t kMostRate = 1'000'000'000;
constexpr std::uint64_t kMostBps = 1'000'000'000'000;
constexpr double kMostDelayNs = 10e9;

/// A number with decimals, and what follows it.
std::optional<double> leading_number(std::string_view& text) {
    double value = 0;
    const auto end =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (end.ec != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end.ptr - text.data()));
    return value;
}

bool read_share(std::string_view text, std::uint64_t& share, std::string& why) {
    why = "must be a share such as 0.01 or 1%";
    const auto number = leading_number(text);
    if (!number || !(text.empty() || text == "%")) {
        return false;
    }
    const double value = text.empty() ? *number : *number / 100;
    if (!(value >= 0 && value <= 1)) {
        return false;
    }
    share = static_cast<std::uint64_t>(value * static_cast<double>(LinkSpec::kAlways));
    return true;
}

bool read_time(std::string_view text, std::uint64_t& ns, std::string& why) {
    struct Unit {
        std::string_view name;
        double ns;
    };
    constexpr std::array<Unit, 4> kUnits = {{{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}}};
    why = "must be a time of at most 10 s, such as 100us or 5ms";
    const auto number = leading_number(text);
    for (const Unit& unit : kUnits) {
        if (number && unit.name == text) {
            const double value = *number * unit.ns;
            const bool good = value >= 0 && value <= kMostDelayNs;
            ns = good ? static_cast<std::uint64_t>(value) : 0;
            return good;
        }
    }
    return false;
}

bool read_number(std::string_view text, Bounds bounds, std::uint64_t& field, std::string& why) {
    const auto number = parse_number(text, bounds, Suffix::kDecimal, why);
    field = number.value_or(0);
    return number.has_value();
}

}  // namespace

std::optional<bool> read_link_part(std::string_view key, std::string_view value, LinkSpec& link,
                                   std::string& why) {
    if (key == "rate") return read_number(value, {1, kMostRate}, link.rate, why);
    if (key == "bps") return read_number(value, {1000, kMostBps}, link.bps, why);
    if (key == "delay") return read_time(value, link.delay_ns, why);
    if (key == "loss") return read_share(value, link.loss, why);
    if (key == "reorder") return read_share(value, link.reorder, why);
    if (key == "dup") return read_share(value, link.dup, why);
    if (key == "seed") return read_number(value, {0, UINT64_MAX}, link.seed, why);
    return std::nullopt;
}

}  // namespace vmbus::host
