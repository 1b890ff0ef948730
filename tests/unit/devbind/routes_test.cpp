#include "routes.hpp"

#include <gtest/gtest.h>

namespace vmbus::devbind {
namespace {

// As Linux prints them on a machine with 192.0.2.2/24, fd00::2/64 and a route over each.
constexpr const char* kV4 =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
    "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
    "eth1\t00000A0A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
    "eth1\t0000000A\t00000000\t0201\t0\t0\t0\t000000FF\t0\t0\t0\n";
constexpr const char* kV6 =
    "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 "
    "00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n"
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
    "fd000000000000000000000000000001 00000400 00000002 00000000 00000003     eth2\n"
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
    "00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n";

TEST(Routes, FindTheDefaultRouteOfIpv4) {
    const auto routes = parse_routes4(kV4);
    EXPECT_TRUE(has_default_route(routes, "eth0"));
    EXPECT_FALSE(has_default_route(routes, "eth1"));
}

TEST(Routes, FindTheDefaultRouteOfIpv6AndLeaveOutTheOneThatRejects) {
    const auto routes = parse_routes6(kV6);
    EXPECT_EQ(routes.size(), 2U);
    EXPECT_TRUE(has_default_route(routes, "eth2"));
    EXPECT_FALSE(has_default_route(routes, "lo"));
}

TEST(Routes, TheLongestPrefixLeadsToAnAddress) {
    const auto routes = parse_routes4(kV4);
    EXPECT_EQ(interface_towards(routes, *parse_address("10.10.3.4")), "eth1");
    EXPECT_EQ(interface_towards(routes, *parse_address("192.0.2.9")), "eth0");
    EXPECT_EQ(interface_towards(routes, *parse_address("198.51.100.1")), "eth0");
}

TEST(Routes, ARouteThatRejectsLeadsNowhere) {
    EXPECT_EQ(interface_towards(parse_routes4(kV4), *parse_address("10.11.0.1")), "eth0");
}

TEST(Routes, VersionsDoNotMix) {
    EXPECT_EQ(interface_towards(parse_routes4(kV4), *parse_address("fd00::9")), "");
    EXPECT_EQ(interface_towards(parse_routes6(kV6), *parse_address("fd00::9")), "eth0");
}

TEST(Routes, TextThatIsNoTableGivesNoRoutes) {
    EXPECT_TRUE(parse_routes4("garbage\n\n1 2 3").empty());
    EXPECT_TRUE(parse_routes6("garbage\nzz 00").empty());
}

TEST(Routes, AddressesAreReadWithoutTheirZoneAndMapping) {
    EXPECT_EQ(parse_address("::ffff:192.0.2.1"), parse_address("192.0.2.1"));
    EXPECT_EQ(parse_address("fe80::1%eth0"), parse_address("fe80::1"));
    EXPECT_FALSE(parse_address("nonsense"));
}

}  // namespace
}  // namespace vmbus::devbind
