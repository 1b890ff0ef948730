// PortSpec: what one emulated NIC is plugged into, as written behind `port=`: a kind, and its parts
// separated by ':'. Parsing is pure, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "host/gen_spec.hpp"
#include "host/link_spec.hpp"
#include "host/spec_value.hpp"

namespace vmbus::host {

struct NullPortSpec {};
struct LoopPortSpec {};
struct PcapPortSpec {
    std::string in;                       ///< file to replay; empty: nothing
    std::string out;                      ///< file to write; empty: nowhere
    std::optional<std::uint64_t> rate{};  ///< frames a second; as fast as taken if absent
};
struct LanPortSpec {
    std::string name;
};
struct TapPortSpec {
    std::string name;
    std::string network{};     ///< namespace of the device: a name or a path; empty: the host's own
    std::uint32_t mtu = 1500;  ///< of a device that is made here: the NIC's own
};
/// A kind of port, and the cable to it.
struct PortSpec : std::variant<NullPortSpec, LoopPortSpec, GenPortSpec, PcapPortSpec, LanPortSpec,
                               TapPortSpec> {
    using variant::variant;
    LinkSpec link{};
};

/// On failure returns nothing and says in `why` what is wrong, without naming the key `port`.
std::optional<PortSpec> parse_port_spec(std::string_view text, std::string& why);

}  // namespace vmbus::host
