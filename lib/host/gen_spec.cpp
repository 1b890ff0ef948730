#include "host/gen_spec.hpp"

#include <algorithm>
#include <numeric>

#include "host/gen_frame.hpp"
#include "host/random.hpp"

namespace vmbus::host {
namespace {

constexpr Bounds kLength = {60, 9216};
constexpr std::size_t kMostLengths = 64;
/// One frame of each flow and length is held in memory.
constexpr std::uint64_t kMostFlows = 4096;
constexpr std::size_t kMostBytes = 256U << 20;
/// One frame per nanosecond: beyond it the clock has no answer.
constexpr std::uint64_t kMostRate = 1'000'000'000;
constexpr std::uint64_t kMostCount = UINT64_MAX - 1;

template <class Field>
bool read_number(std::string_view text, Bounds bounds, Suffix suffix, Field& field,
                 std::string& why) {
    const auto number = parse_number(text, bounds, suffix, why);
    if (number) {
        field = static_cast<Field>(*number);
    }
    return number.has_value();
}

/// The simple IMIX: seven small frames, four of 594 bytes and one full one, mixed.
std::vector<std::uint16_t> imix() {
    return {64, 594, 64, 64, 594, 64, 1514, 64, 594, 64, 594, 64};
}

/// Uniformly drawn once, the same every time.
std::vector<std::uint16_t> drawn_between(std::uint64_t least, std::uint64_t most) {
    Random random(least * 65536 + most);
    std::vector<std::uint16_t> lengths(kMostLengths);
    for (auto& length : lengths) {
        length = static_cast<std::uint16_t>(least + random.next() % (most - least + 1));
    }
    return lengths;
}

bool read_range(std::string_view text, std::size_t dash, std::vector<std::uint16_t>& lengths,
                std::string& why) {
    std::uint64_t least = 0;
    std::uint64_t most = 0;
    if (!read_number(text.substr(0, dash), kLength, Suffix::kNone, least, why) ||
        !read_number(text.substr(dash + 1), kLength, Suffix::kNone, most, why)) {
        return false;
    }
    why = "a range goes from small to large";
    if (least > most) {
        return false;
    }
    lengths = drawn_between(least, most);
    return true;
}

bool read_list(std::string_view text, std::vector<std::uint16_t>& lengths, std::string& why) {
    lengths.clear();
    for (Parts parts{text, '+'}; const auto part = parts.next();) {
        if (!read_number(*part, kLength, Suffix::kNone, lengths.emplace_back(), why)) {
            return false;
        }
    }
    why = "at most " + std::to_string(kMostLengths) + " lengths";
    return lengths.size() <= kMostLengths;
}

bool read_lengths(std::string_view text, std::vector<std::uint16_t>& lengths, std::string& why) {
    if (text == "imix") {
        lengths = imix();
        return true;
    }
    const auto dash = text.find('-');
    return dash != std::string_view::npos ? read_range(text, dash, lengths, why)
                                          : read_list(text, lengths, why);
}

bool read_switch(std::string_view text, bool& on, std::string& why) {
    on = text == "on";
    why = "must be on or off";
    return on || text == "off";
}

bool read_protocol(std::string_view text, bool& tcp, std::string& why) {
    tcp = text == "tcp";
    why = "must be udp or tcp";
    return tcp || text == "udp";
}

bool read_vlan(std::string_view text, GenPortSpec& spec, std::string& why) {
    return read_number(text, {1, 4094}, Suffix::kNone, spec.vlan.emplace(), why);
}

bool read_destination(std::string_view text, GenPortSpec& spec, std::string& why) {
    const auto address = parse_mac(text, why);
    spec.destination = address.value_or(MacAddress{});
    return address.has_value();
}

}  // namespace

bool read_gen_part(std::string_view key, std::string_view value, GenPortSpec& spec,
                   std::string& why) {
    if (key == "len") return read_lengths(value, spec.lengths, why);
    if (key == "flows") {
        return read_number(value, {1, kMostFlows}, Suffix::kNone, spec.flows, why);
    }
    if (key == "count") {
        return read_number(value, {1, kMostCount}, Suffix::kDecimal, spec.count.emplace(), why);
    }
    if (key == "rate") {
        return read_number(value, {1, kMostRate}, Suffix::kDecimal, spec.rate.emplace(), why);
    }
    if (key == "ipv6") return read_switch(value, spec.ipv6, why);
    if (key == "proto") return read_protocol(value, spec.tcp, why);
    if (key == "vlan") return read_vlan(value, spec, why);
    if (key == "dst") return read_destination(value, spec, why);
    why = "unknown part; gen has len, flows, count, rate, proto, ipv6, vlan and dst";
    return false;
}

bool check_gen(const GenPortSpec& spec, std::string& why) {
    const std::size_t least = gen_header_bytes(spec) + GenMark::kBytes;
    const auto shortest = *std::min_element(spec.lengths.begin(), spec.lengths.end());
    if (shortest < least) {
        why = "len=" + std::to_string(shortest) + ": these headers need at least " +
              std::to_string(least);
        return false;
    }
    const auto bytes = std::accumulate(spec.lengths.begin(), spec.lengths.end(), std::size_t{0});
    why = "so many flows of such lengths need more than 256 MiB";
    return bytes * spec.flows <= kMostBytes;
}

}  // namespace vmbus::host
