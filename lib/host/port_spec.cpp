#include "host/port_spec.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

namespace vmbus::host {
namespace {

/// One frame per nanosecond: beyond it the clock has no answer.
constexpr std::uint64_t kMostRate = 1'000'000'000;
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

std::optional<PortSpec> parse_gen(Arguments arguments, std::string& why) {
    const auto parts = read_parts(arguments, why);
    if (!parts) {
        return std::nullopt;
    }
    GenPortSpec spec;
    for (const Part& part : *parts) {
        if (!read_gen_part(part.key, part.value, spec, why)) {
            why.insert(0, printable(part.key) + "=" + printable(part.value) + ": ");
            return std::nullopt;
        }
    }
    if (!check_gen(spec, why)) {
        return std::nullopt;
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

/// Generators and replays have a rate of their own.
struct Kind {
    std::string_view name;
    std::optional<PortSpec> (*parse)(Arguments, std::string&);
    bool has_rate = false;
};
constexpr std::array<Kind, 6> kKinds = {{{"null", parse_bare<NullPortSpec>},
                                         {"loop", parse_bare<LoopPortSpec>},
                                         {"gen", parse_gen, true},
                                         {"pcap", parse_pcap, true},
                                         {"lan", parse_lan},
                                         {"tap", parse_tap}}};

/// Takes the parts that are the cable's out of `words`. False and one line in `why` when one is
/// wrong.
bool take_link_parts(const Kind& kind, std::vector<std::string_view>& words, LinkSpec& link,
                     std::string& why) {
    std::vector<std::string_view> seen;
    for (auto word = words.begin() + 1; word != words.end();) {
        const auto equals = std::min(word->find('='), word->size());
        const auto key = word->substr(0, equals);
        const auto value = word->substr(std::min(equals + 1, word->size()));
        const bool own = key == "rate" && kind.has_rate;
        const auto taken = own ? std::nullopt : read_link_part(key, value, link, why);
        if (!taken) {
            ++word;
            continue;
        }
        const bool twice = std::find(seen.begin(), seen.end(), key) != seen.end();
        if (!*taken || twice) {
            why = printable(*word) + ": " + (twice ? std::string(key) + " is given twice" : why);
            return false;
        }
        seen.push_back(key);
        word = words.erase(word);
    }
    return true;
}

std::optional<PortSpec> parse_kind(const Kind& kind, std::vector<std::string_view> words,
                                   std::string& why) {
    LinkSpec link;
    if (!take_link_parts(kind, words, link, why)) {
        return std::nullopt;
    }
    auto port = kind.parse(Arguments(words).subspan(1), why);
    if (port) {
        port->link = link;
    }
    return port;
}

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
            return parse_kind(kind, std::move(words), why);
        }
    }
    why = "unknown port '" + printable(words.front()) +
          "'; there are null, loop, gen, pcap, lan and tap";
    return std::nullopt;
}

}  // namespace vmbus::host
