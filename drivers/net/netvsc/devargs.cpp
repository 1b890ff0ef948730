#include "net/netvsc/devargs.hpp"

#include <charconv>
#include <iterator>
#include <optional>

namespace vmbus::netvsc {
namespace {

std::optional<std::uint32_t> number(std::string_view text) {
    const bool hex = text.starts_with("0x");
    const std::string_view digits = hex ? text.substr(2) : text;
    std::uint32_t value = 0;
    const auto* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, value, hex ? 16 : 10);
    if (digits.empty() || error != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return value;
}

/// Each setter returns what is allowed when the value is not.
using Problem = const char*;
using Setter = Problem (*)(std::string_view value, DeviceArguments& arguments);

/// A number within a range goes to its field.
template <std::uint32_t DeviceArguments::*kField, std::uint32_t kLeast, std::uint32_t kMost>
bool set_number(std::string_view value, DeviceArguments& arguments) {
    const auto given = number(value);
    if (given && *given >= kLeast && *given <= kMost) {
        arguments.*kField = *given;
    }
    return given && *given >= kLeast && *given <= kMost;
}

using Arguments = DeviceArguments;

Problem set_latency(std::string_view value, DeviceArguments& arguments) {
    return set_number<&Arguments::latency_us, 0, kMaxLatencyUs>(value, arguments)
               ? nullptr
               : "a number of microseconds up to 6553";
}

Problem set_tx_copybreak(std::string_view value, DeviceArguments& arguments) {
    return set_number<&Arguments::tx_copybreak, 0, kMaxCopybreak>(value, arguments)
               ? nullptr
               : "a number of bytes up to 65536";
}

Problem set_rx_copybreak(std::string_view value, DeviceArguments& arguments) {
    return set_number<&Arguments::rx_copybreak, 0, kMaxCopybreak>(value, arguments)
               ? nullptr
               : "a number of bytes up to 65536";
}

Problem set_rx_ack_batch(std::string_view value, DeviceArguments& arguments) {
    return set_number<&Arguments::rx_ack_batch, 1, kMaxAckBatch>(value, arguments)
               ? nullptr
               : "a number of packets from 1 to 64";
}

Problem set_tx_agg_packets(std::string_view value, DeviceArguments& arguments) {
    return set_number<&Arguments::tx_agg_packets, 1, kMaxAggregatedPackets>(value, arguments)
               ? nullptr
               : "a number of packets from 1 to 1024";
}

Problem set_tx_agg_bytes(std::string_view value, DeviceArguments& arguments) {
    return set_number<&Arguments::tx_agg_bytes, kMinAggregatedBytes, kMaxCopybreak>(value,
                                                                                    arguments)
               ? nullptr
               : "a number of bytes from 256 to 65536";
}

/// 0 or 1 goes to its field.
template <bool DeviceArguments::*kField>
Problem set_switch(std::string_view value, DeviceArguments& arguments) {
    const auto on = number(value);
    if (!on || *on > 1) {
        return "0 or 1";
    }
    arguments.*kField = *on == 1;
    return nullptr;
}

Problem set_ring_mode(std::string_view value, DeviceArguments& arguments) {
    if (value == "single") {
        arguments.ring_mode = ring::Publication::kSingle;
    } else if (value == "ordered") {
        arguments.ring_mode = ring::Publication::kOrdered;
    } else if (value == "relaxed") {
        arguments.ring_mode = ring::Publication::kRelaxed;
    } else {
        return "single, ordered or relaxed";
    }
    return nullptr;
}

Problem set_vf(std::string_view value, DeviceArguments& arguments) {
    if (value != "on" && value != "off") {
        return "on or off";
    }
    arguments.vf = value == "on";
    return nullptr;
}

/// What is expected of the kernel goes to its field.
template <bus::SubChannelTrust DeviceArguments::*kField>
Problem set_trust(std::string_view value, DeviceArguments& arguments) {
    if (value == "auto") {
        arguments.*kField = bus::SubChannelTrust::kByRelease;
    } else if (value == "primary") {
        arguments.*kField = bus::SubChannelTrust::kNone;
    } else if (value == "all") {
        arguments.*kField = bus::SubChannelTrust::kAll;
    } else {
        return "auto, primary or all";
    }
    return nullptr;
}

struct Key {
    std::string_view name;
    Setter set;
};
constexpr Key kKeys[] = {
    {"latency", set_latency},
    {"rx_copybreak", set_rx_copybreak},
    {"tx_copybreak", set_tx_copybreak},
    {"rx_extmbuf_enable", set_switch<&Arguments::rx_extmbuf>},
    {"ring_mode", set_ring_mode},
    {"rx_ack_batch", set_rx_ack_batch},
    {"tx_agg_packets", set_tx_agg_packets},
    {"tx_agg_bytes", set_tx_agg_bytes},
    {"vf", set_vf},
    {"numa_aware", set_switch<&Arguments::numa_aware>},
    {"rx_interrupts", set_trust<&Arguments::rx_interrupts>},
    {"signals", set_trust<&Arguments::signals>},
    {"frame_xstats", set_switch<&Arguments::frame_xstats>},
};

bool parse_one(std::string_view item, DeviceArguments& arguments, std::string& problem) {
    const std::size_t equals = item.find('=');
    const std::string_view name = item.substr(0, equals);
    for (const Key& key : kKeys) {
        if (key.name != name) {
            continue;
        }
        const std::string_view value =
            equals == std::string_view::npos ? std::string_view{} : item.substr(equals + 1);
        if (const Problem allowed = key.set(value, arguments); allowed != nullptr) {
            problem = std::string(item) + ": " + std::string(name) + " must be " + allowed;
            return false;
        }
        return true;
    }
    problem = std::string(item) + ": no such argument; known are " + kParameters;
    return false;
}

}  // namespace

bool parse_arguments(std::string_view text, DeviceArguments& arguments, std::string& problem) {
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view item = text.substr(0, comma);
        if (!parse_one(item, arguments, problem)) {
            return false;
        }
        text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
    }
    return true;
}

}  // namespace vmbus::netvsc
