#include "host/port_spec.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <vector>

namespace vmbus::host {
namespace {

constexpr auto kNoLimit = std::numeric_limits<std::uint64_t>::max();
/// One frame per nanosecond: beyond it the clock has no answer.
constexpr std::uint64_t kMostRate = 1'000'000'000;
/// Templates of all flows are held in memory.
constexpr std::uint64_t kMostFlows = 4096;
constexpr std::size_t kMostNameLength = 32;

/// The parts of one port, behind its kind: `key=value` or a bare word.
using Arguments = std::span<const std::string_view>;

struct Part {
    std::string_view key;
    std::string_view value;
};

/// Splits the parts into keys and values, each key once.
std::optional<std::vector<Part>> read_parts(Arguments arguments, std::string& why) {
    std::vector<Part> parts;
    for (const auto argument : arguments) {
        const auto equals = argument.find('=');
        if (equals == std::string_view::npos) {
            why = "'" + printable(argument) + "' is not key=value";
            return std::nullopt;
        }
        const Part part{argument.substr(0, equals), argument.substr(equals + 1)};
        if (std::any_of(parts.begin(), parts.end(),
                        [&](const Part& other) { return other.key == part.key; })) {
            why = printable(part.key) + " is given twice";
            return std::nullopt;
        }
        if (part.value.empty()) {
            why = printable(part.key) + " has no value";
            return std::nullopt;
        }
        parts.push_back(part);
    }
    return parts;
}

std::optional<std::uint64_t> gen_number(const Part& part, std::string& why) {
    if (part.key == "len") return parse_number(part.value, {60, 9216}, Suffix::kNone, why);
    if (part.key == "flows") return parse_number(part.value, {1, kMostFlows}, Suffix::kNone, why);
    if (part.key == "count")
        return parse_number(part.value, {1, kNoLimit - 1}, Suffix::kDecimal, why);
    if (part.key == "rate") return parse_number(part.value, {1, kMostRate}, Suffix::kDecimal, why);
    why = "unknown part; gen has len, flows, count and rate";
    return std::nullopt;
}

std::optional<PortSpec> parse_gen(Arguments arguments, std::string& why) {
    const auto parts = read_parts(arguments, why);
    if (!parts) {
        return std::nullopt;
    }
    GenPortSpec spec;
    for (const Part& part : *parts) {
        const auto number = gen_number(part, why);
        if (!number) {
            why.insert(0, printable(part.key) + "=" + printable(part.value) + ": ");
            return std::nullopt;
        }
        switch (part.key.front()) {
            case 'l': spec.length = static_cast<std::uint32_t>(*number); break;
            case 'f': spec.flows = static_cast<std::uint32_t>(*number); break;
            case 'c': spec.count = number; break;
            default: spec.rate = number; break;
        }
    }
    return spec;
}

std::optional<PortSpec> parse_pcap(Arguments arguments, std::string& why) {
    const auto parts = read_parts(arguments, why);
    if (!parts) {
        return std::nullopt;
    }
    PcapPortSpec spec;
    for (const Part& part : *parts) {
        if (part.key == "rate") {
            spec.rate = parse_number(part.value, {1, kMostRate}, Suffix::kDecimal, why);
            if (!spec.rate) {
                why.insert(0, "rate=" + printable(part.value) + ": ");
                return std::nullopt;
            }
            continue;
        }
        if (part.key != "in" && part.key != "out") {
            why = printable(part.key) + ": unknown part; pcap has in, out and rate";
            return std::nullopt;
        }
        if (part.value.find('\0') != std::string_view::npos) {
            why = printable(part.key) + ": not a file name";
            return std::nullopt;
        }
        (part.key == "in" ? spec.in : spec.out) = part.value;
    }
    if (spec.in.empty() && spec.out.empty()) {
        why = "pcap needs in=FILE, out=FILE or both";
        return std::nullopt;
    }
    return spec;
}

bool is_name(std::string_view text) noexcept {
    constexpr std::string_view kAllowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    return !text.empty() && text.size() <= kMostNameLength &&
           text.find_first_not_of(kAllowed) == std::string_view::npos;
}

std::optional<PortSpec> parse_lan(Arguments arguments, std::string& why) {
    if (arguments.size() != 1 || !is_name(arguments.front())) {
        why = "lan needs one name of at most 32 letters, digits, '_', '.' and '-', as in lan:blue";
        return std::nullopt;
    }
    return LanPortSpec{std::string(arguments.front())};
}

bool read_network(Arguments arguments, TapPortSpec& spec, std::string& why) {
    const auto parts = read_parts(arguments, why);
    if (!parts) {
        return false;
    }
    for (const Part& part : *parts) {
        if (part.key != "netns") {
            why = printable(part.key) + ": unknown part; tap has netns";
            return false;
        }
        if (!part.value.starts_with('/') && !is_name(part.value)) {
            why = "netns=" + printable(part.value) + ": neither the name of a namespace nor a path";
            return false;
        }
        spec.network = part.value;
    }
    return true;
}

std::optional<PortSpec> parse_tap(Arguments arguments, std::string& why) {
    constexpr std::size_t kMostDeviceName = 15;  // IFNAMSIZ with its terminating zero
    if (arguments.empty() || !is_name(arguments.front()) ||
        arguments.front().size() > kMostDeviceName) {
        why =
            "tap needs the name of a device, at most 15 letters, digits, '_', '.' and '-', as in "
            "tap:tap0";
        return std::nullopt;
    }
    TapPortSpec spec{.name = std::string(arguments.front())};
    if (!read_network(arguments.subspan(1), spec, why)) {
        return std::nullopt;
    }
    return spec;
}

template <class Spec>
std::optional<PortSpec> parse_bare(Arguments arguments, std::string& why) {
    if (!arguments.empty()) {
        why = "'" + printable(arguments.front()) + "': this port has no parts";
        return std::nullopt;
    }
    return Spec{};
}

struct Kind {
    std::string_view name;
    std::optional<PortSpec> (*parse)(Arguments, std::string&);
};
constexpr std::array<Kind, 6> kKinds = {{{"null", parse_bare<NullPortSpec>},
                                         {"loop", parse_bare<LoopPortSpec>},
                                         {"gen", parse_gen},
                                         {"pcap", parse_pcap},
                                         {"lan", parse_lan},
                                         {"tap", parse_tap}}};

}  // namespace

std::optional<PortSpec> parse_port_spec(std::string_view text, std::string& why) {
    std::vector<std::string_view> words;
    for (Parts parts{text, ':'}; const auto part = parts.next();) {
        if (part->empty()) {
            why = words.empty() ? "the kind of port is missing" : "an empty part between ':'";
            return std::nullopt;
        }
        words.push_back(*part);
    }
    for (const Kind& kind : kKinds) {
        if (kind.name == words.front()) {
            return kind.parse(Arguments(words).subspan(1), why);
        }
    }
    why = "unknown port '" + printable(words.front()) +
          "'; there are null, loop, gen, pcap, lan and tap";
    return std::nullopt;
}

}  // namespace vmbus::host
