#include "host/lan_spec.hpp"

#include <algorithm>

namespace vmbus::host {
namespace {

/// A port that gives back what it gets would make a storm, and one that replays would wait for
/// NICs.
bool may_be_on_a_lan(const PortSpec& port) {
    const auto* const pcap = std::get_if<PcapPortSpec>(&port);
    return std::holds_alternative<TapPortSpec>(port) || std::holds_alternative<GenPortSpec>(port) ||
           (pcap != nullptr && pcap->in.empty());
}

/// A generator without an address sends to all stations.
void complete(PortSpec& port) {
    auto* const gen = std::get_if<GenPortSpec>(&port);
    if (gen != nullptr && gen->destination == MacAddress{}) {
        gen->destination.fill(0xFF);
    }
}

bool read_port(std::string_view text, LanSpec& spec, std::string& why) {
    auto port = parse_port_spec(text, why);
    if (!port) {
        why = "port=" + printable(text) + ": " + why;
        return false;
    }
    if (!may_be_on_a_lan(*port)) {
        why = "port=" + printable(text) + ": a lan takes tap, gen, and pcap:out=FILE";
        return false;
    }
    complete(*port);
    spec.ports.push_back(std::move(*port));
    return true;
}

bool read_name(std::string_view text, LanSpec& spec, std::string& why) {
    const auto lan = parse_port_spec("lan:" + std::string(text), why);
    if (!lan || !std::holds_alternative<LanPortSpec>(*lan)) {
        return false;
    }
    if (!spec.name.empty()) {
        why = "name is given twice";
        return false;
    }
    spec.name = std::get<LanPortSpec>(*lan).name;
    return true;
}

bool read_part(std::string_view part, LanSpec& spec, std::string& why) {
    constexpr std::string_view kName = "name=";
    constexpr std::string_view kPort = "port=";
    if (part.starts_with(kName)) return read_name(part.substr(kName.size()), spec, why);
    if (part.starts_with(kPort)) return read_port(part.substr(kPort.size()), spec, why);
    why = "'" + printable(part) + "': a lan has name=NAME and port=PORT";
    return false;
}

}  // namespace

std::optional<LanSpec> parse_lan_spec(std::string_view text, std::string& why) {
    LanSpec spec;
    for (Parts parts{text, ','}; const auto part = parts.next();) {
        if (!read_part(*part, spec, why)) {
            return std::nullopt;
        }
    }
    if (spec.name.empty() || spec.ports.empty()) {
        why = "a lan needs name=NAME and at least one port=PORT";
        return std::nullopt;
    }
    return spec;
}

}  // namespace vmbus::host
