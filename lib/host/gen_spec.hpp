// GenPortSpec: what a traffic generator makes, as written behind `port=gen`. Parsing is pure, any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/spec_value.hpp"

namespace vmbus::host {

struct GenPortSpec {
    /// Frame bytes without FCS, a tag included, taken in turns; at least one.
    std::vector<std::uint16_t> lengths = {64};
    std::uint32_t flows = 16;
    std::optional<std::uint64_t> count{};  ///< frames in all; endless if absent
    std::optional<std::uint64_t> rate{};   ///< frames a second; as fast as taken if absent
    bool ipv6 = false;
    bool tcp = false;
    std::optional<std::uint16_t> vlan{};
    MacAddress destination{};  ///< the NIC's own address unless given
};

/// Takes one part of the spec. False and one line in `why` when it is wrong.
bool read_gen_part(std::string_view key, std::string_view value, GenPortSpec& spec,
                   std::string& why);

/// What only the whole spec can tell.
bool check_gen(const GenPortSpec& spec, std::string& why);

}  // namespace vmbus::host
