#include "host/nic_spec.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <limits>

namespace vmbus::host {
namespace {

constexpr std::uint32_t kEthernetHeader = 14;
constexpr std::uint32_t kTag = 4;
/// A GPADL holds at most 8190 pages (a 16-bit byte count of 8 bytes per page): facts of the
/// hypervisor interface that Linux's uio_hv_generic sizes its buffers by.
constexpr std::uint64_t kMostBuffer = 31ULL << 20;
constexpr std::uint64_t kPage = 4096;

/// Stable, and in a range of its own: the number stands in the last four bytes.
constexpr wire::Guid kFirstId = wire::guid_literal("7a080d6e-65c1-4b5f-9b1e-5d0000000000");

template <class Field>
bool read_number(std::string_view value, Bounds bounds, Suffix suffix, Field& field,
                 std::string& why) {
    const auto number = parse_number(value, bounds, suffix, why);
    field = static_cast<Field>(number.value_or(0));
    return number.has_value();
}

/// Memory that is handed over in pages.
bool read_pages(std::string_view value, Bounds bounds, std::uint32_t& field, std::string& why) {
    if (!read_number(value, bounds, Suffix::kBinary, field, why)) {
        return false;
    }
    why = field % kPage == 0 ? "" : "must be a multiple of 4096";
    return why.empty();
}

bool read_port(std::string_view value, NicSpec& spec, std::string& why) {
    const auto port = parse_port_spec(value, why);
    spec.port = port.value_or(NullPortSpec{});
    return port.has_value();
}

bool read_mac(std::string_view value, NicSpec& spec, std::string& why) {
    const auto mac = parse_mac(value, why);
    spec.mac = mac.value_or(MacAddress{});
    return mac.has_value();
}

bool read_id(std::string_view value, NicSpec& spec, std::string& why) {
    const auto id = wire::parse_guid(value);
    why = "not a GUID such as 7a080d6e-65c1-4b5f-9b1e-5d0000000000";
    spec.id = id.value_or(wire::Guid{});
    return id.has_value();
}

bool read_queues(std::string_view value, NicSpec& spec, std::string& why) {
    return read_number(value, {1, 64}, Suffix::kNone, spec.queues, why);
}

bool read_nvsp(std::string_view value, NicSpec& spec, std::string& why) {
    struct Version {
        std::string_view text;
        wire::NvspVersion version;
    };
    constexpr std::array<Version, 6> kVersions = {{{"1", wire::NvspVersion::kV1},
                                                   {"2", wire::NvspVersion::kV2},
                                                   {"4", wire::NvspVersion::kV4},
                                                   {"5", wire::NvspVersion::kV5},
                                                   {"6", wire::NvspVersion::kV6},
                                                   {"6.1", wire::NvspVersion::kV61}}};
    for (const Version& known : kVersions) {
        if (known.text == value) {
            spec.nvsp = known.version;
            return true;
        }
    }
    why = "must be 1, 2, 4, 5, 6 or 6.1";
    return false;
}

bool read_mtu(std::string_view value, NicSpec& spec, std::string& why) {
    return read_number(value, {68, 9202}, Suffix::kNone, spec.mtu, why);
}

bool read_ring(std::string_view value, NicSpec& spec, std::string& why) {
    return read_pages(value, {16U << 10, 8U << 20}, spec.ring, why);
}

bool read_recv(std::string_view value, NicSpec& spec, std::string& why) {
    return read_pages(value, {64U << 10, kMostBuffer}, spec.recv, why);
}

bool read_send(std::string_view value, NicSpec& spec, std::string& why) {
    return read_pages(value, {64U << 10, kMostBuffer}, spec.send, why);
}

bool read_pieces(std::string_view value, NicSpec& spec, std::string& why) {
    spec.pieces = value == "lines" ? PieceLength::kLines : PieceLength::kTight;
    why = "must be tight or lines";
    return value == "lines" || value == "tight";
}

bool read_switch(std::string_view value, bool& field, std::string& why) {
    field = value == "on";
    why = "must be on or off";
    return field || value == "off";
}

bool read_monitor(std::string_view value, NicSpec& spec, std::string& why) {
    return read_switch(value, spec.monitor, why);
}

bool read_lso(std::string_view value, NicSpec& spec, std::string& why) {
    return read_switch(value, spec.lso, why);
}

bool read_vf(std::string_view value, NicSpec& spec, std::string& why) {
    std::uint32_t serial = 0;
    if (value == "off") {
        spec.vf.reset();
        return true;
    }
    if (!read_number(value, {1, UINT32_MAX}, Suffix::kNone, serial, why)) {
        return false;
    }
    spec.vf = serial;
    return true;
}

bool read_rsc(std::string_view value, NicSpec& spec, std::string& why) {
    return read_switch(value, spec.rsc, why);
}

bool read_offer_delay(std::string_view value, NicSpec& spec, std::string& why) {
    return read_number(value, {0, 60'000}, Suffix::kNone, spec.offer_delay_ms, why);
}

bool read_numa(std::string_view value, NicSpec& spec, std::string& why) {
    return read_number(value, {0, 1023}, Suffix::kNone, spec.numa, why);
}

bool read_speed(std::string_view value, NicSpec& spec, std::string& why) {
    return read_number(value, {1, 1'000'000'000'000}, Suffix::kDecimal, spec.speed, why);
}

struct Key {
    std::string_view name;
    bool (*read)(std::string_view, NicSpec&, std::string&);
};
constexpr std::array<Key, 17> kKeys = {{{"port", read_port},
                                        {"mac", read_mac},
                                        {"id", read_id},
                                        {"queues", read_queues},
                                        {"nvsp", read_nvsp},
                                        {"mtu", read_mtu},
                                        {"ring", read_ring},
                                        {"recv", read_recv},
                                        {"send", read_send},
                                        {"pieces", read_pieces},
                                        {"monitor", read_monitor},
                                        {"lso", read_lso},
                                        {"rsc", read_rsc},
                                        {"vf", read_vf},
                                        {"offer-delay", read_offer_delay},
                                        {"numa", read_numa},
                                        {"speed", read_speed}}};

NicSpec default_spec(unsigned number) {
    NicSpec spec;
    const auto byte = [number](unsigned shift) {
        return static_cast<std::uint8_t>(number >> shift);
    };
    spec.mac = {0x00, 0x15, 0x5d, byte(16), byte(8), byte(0)};
    spec.id = kFirstId;
    for (unsigned i = 0; i < 4; ++i) {
        spec.id.bytes[12 + i] = byte(24 - 8 * i);
    }
    return spec;
}

/// One `key=value`. False with the whole reason in `why`.
bool read_part(std::string_view part, NicSpec& spec, std::bitset<kKeys.size()>& seen,
               std::string& why) {
    const auto equals = part.find('=');
    if (part.empty() || equals == std::string_view::npos) {
        why = part.empty() ? "an empty part: a spec is key=value,..."
                           : "'" + printable(part) + "' is not key=value";
        return false;
    }
    const auto name = part.substr(0, equals);
    const auto value = part.substr(equals + 1);
    const auto* const key = std::find_if(kKeys.begin(), kKeys.end(),
                                         [name](const Key& known) { return known.name == name; });
    if (key == kKeys.end()) {
        why = "unknown key '" + printable(name) + "'";
        return false;
    }
    const auto index = static_cast<std::size_t>(key - kKeys.begin());
    if (seen.test(index)) {
        why = printable(name) + " is given twice";
        return false;
    }
    seen.set(index);
    if (!key->read(value, spec, why)) {
        why = printable(part) + ": " + why;
        return false;
    }
    return true;
}

/// What only the whole spec can tell.
bool complete(NicSpec& spec, std::string& why) {
    if (auto* const tap = std::get_if<TapPortSpec>(&spec.port)) {
        tap->mtu = spec.mtu;
    }
    auto* const gen = std::get_if<GenPortSpec>(&spec.port);
    if (gen == nullptr) {
        return true;
    }
    if (gen->destination == MacAddress{}) {
        gen->destination = spec.mac;
    }
    const auto longest = *std::max_element(gen->lengths.begin(), gen->lengths.end());
    if (longest > spec.mtu + kEthernetHeader + (gen->vlan ? kTag : 0)) {
        why = "port=gen: len=" + std::to_string(longest) +
              " does not fit mtu=" + std::to_string(spec.mtu);
        return false;
    }
    return true;
}

}  // namespace

std::optional<NicSpec> parse_nic_spec(std::string_view text, unsigned number, std::string& why) {
    NicSpec spec = default_spec(number);
    spec.text = text;
    std::bitset<kKeys.size()> seen;
    bool good = true;
    for (Parts parts{text, ','}; good;) {
        const auto part = parts.next();
        if (!part) {
            break;
        }
        good = read_part(*part, spec, seen, why);
    }
    if (!good || !complete(spec, why)) {
        why = "nic " + std::to_string(number) + ": " + why;
        return std::nullopt;
    }
    why.clear();
    return spec;
}

}  // namespace vmbus::host
