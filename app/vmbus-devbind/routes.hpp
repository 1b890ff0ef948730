// The kernel's main routing tables, as /proc/net has them: which interface has a default route, and
// over which one an address is reached.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tree.hpp"

namespace vmbus::devbind {

/// In network order; an IPv4 address fills the first four bytes.
struct Address {
    bool v6 = false;
    std::array<std::uint8_t, 16> bytes{};

    bool operator==(const Address&) const = default;
};
/// An IPv4 address in IPv6's clothes is an IPv4 address; a zone ("%eth0") is left out.
std::optional<Address> parse_address(std::string text);

struct Route {
    std::string ifname;
    Address destination;
    unsigned prefix = 0;  // bits
};

/// Text of /proc/net/route and of /proc/net/ipv6_route. Routes that lead nowhere are left out.
std::vector<Route> parse_routes4(std::string_view text);
std::vector<Route> parse_routes6(std::string_view text);
std::vector<Route> read_routes(const Tree& tree);

bool has_default_route(const std::vector<Route>& routes, const std::string& ifname);
/// By the longest prefix; empty when there is no way.
std::string interface_towards(const std::vector<Route>& routes, const Address& address);

}  // namespace vmbus::devbind
