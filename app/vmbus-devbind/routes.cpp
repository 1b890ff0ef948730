#include "routes.hpp"

#include <arpa/inet.h>
#include <linux/ipv6_route.h>
#include <linux/route.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <sstream>

namespace vmbus::devbind {
namespace {

template <class Each>
void for_each_line(std::string_view text, Each each) {
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        each(words);
    }
}

bool leads_somewhere(unsigned flags) {
    return (flags & RTF_UP) != 0 && (flags & RTF_REJECT) == 0;
}

/// /proc/net/route prints the words as they lie in memory.
Address address4(std::uint32_t word) {
    Address address;
    std::memcpy(address.bytes.data(), &word, sizeof(word));
    return address;
}

std::optional<Address> address6(const std::string& digits) {
    Address address{.v6 = true};
    if (digits.size() != 2 * address.bytes.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < address.bytes.size(); ++i) {
        address.bytes[i] =
            static_cast<std::uint8_t>(std::strtoul(digits.substr(2 * i, 2).c_str(), nullptr, 16));
    }
    return address;
}

bool covers(const Route& route, const Address& address) {
    if (route.destination.v6 != address.v6) {
        return false;
    }
    for (unsigned bit = 0; bit < route.prefix; ++bit) {
        const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
        if (((route.destination.bytes[bit / 8] ^ address.bytes[bit / 8]) & mask) != 0) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::optional<Address> parse_address(std::string text) {
    text = text.substr(0, text.find('%'));
    constexpr std::string_view kMapped = "::ffff:";
    if (text.starts_with(kMapped) && text.find('.') != std::string::npos) {
        text.erase(0, kMapped.size());
    }
    Address address;
    if (inet_pton(AF_INET, text.c_str(), address.bytes.data()) == 1) {
        return address;
    }
    address.v6 = true;
    if (inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1) {
        return address;
    }
    return std::nullopt;
}

std::vector<Route> parse_routes4(std::string_view text) {
    std::vector<Route> routes;
    for_each_line(text, [&routes](std::istringstream& words) {
        std::string ifname;
        std::string skipped;
        std::uint32_t destination = 0;
        std::uint32_t mask = 0;
        unsigned flags = 0;
        words >> ifname >> std::hex >> destination >> skipped >> flags >> skipped >> skipped >>
            skipped >> mask;
        if (words && leads_somewhere(flags)) {
            routes.push_back(
                {ifname, address4(destination), static_cast<unsigned>(std::popcount(mask))});
        }
    });
    return routes;
}

std::vector<Route> parse_routes6(std::string_view text) {
    std::vector<Route> routes;
    for_each_line(text, [&routes](std::istringstream& words) {
        std::string destination;
        std::string skipped;
        std::string ifname;
        unsigned prefix = 0;
        unsigned flags = 0;
        words >> destination >> std::hex >> prefix >> skipped >> skipped >> skipped >> skipped >>
            skipped >> skipped >> flags >> ifname;
        const auto address = address6(destination);
        if (words && address && prefix <= 128 && leads_somewhere(flags)) {
            routes.push_back({ifname, *address, prefix});
        }
    });
    return routes;
}

std::vector<Route> read_routes(const Tree& tree) {
    auto routes = parse_routes4(tree.text("/proc/net/route").value_or(""));
    const auto more = parse_routes6(tree.text("/proc/net/ipv6_route").value_or(""));
    routes.insert(routes.end(), more.begin(), more.end());
    return routes;
}

bool has_default_route(const std::vector<Route>& routes, const std::string& ifname) {
    return std::any_of(routes.begin(), routes.end(), [&](const Route& route) {
        return route.prefix == 0 && route.ifname == ifname;
    });
}

std::string interface_towards(const std::vector<Route>& routes, const Address& address) {
    const Route* best = nullptr;
    for (const Route& route : routes) {
        if (covers(route, address) && (best == nullptr || route.prefix > best->prefix)) {
            best = &route;
        }
    }
    return best == nullptr ? std::string() : best->ifname;
}

}  // namespace vmbus::devbind
