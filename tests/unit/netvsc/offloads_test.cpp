#include "net/netvsc/control/offloads.hpp"

#include <gtest/gtest.h>

#include <array>

#include "rig.hpp"

namespace vmbus::netvsc::test {
namespace {

constexpr std::uint32_t kAllIpv4 = 0x155;
constexpr std::uint32_t kAllIpv6 = 0x55;
constexpr std::uint8_t kAll = kChecksumIpv4 | kChecksumTcp | kChecksumUdp;
constexpr auto kNew = wire::NvspVersion::kV61;
constexpr auto kOld = wire::NvspVersion::kV4;

/// A host that can everything.
wire::NdisOffload capable() {
    wire::NdisOffload host{};
    host.header = {wire::kNdisObjectOffload, 3, sizeof host};
    host.checksum.ipv4_tx_flags = host.checksum.ipv4_rx_flags = kAllIpv4;
    host.checksum.ipv6_tx_flags = host.checksum.ipv6_rx_flags = kAllIpv6;
    host.lso_v2 = {.ipv4_encapsulation = wire::kNdisEncapsulation8023,
                   .ipv4_max_size = 62780,
                   .ipv4_min_segments = 2,
                   .ipv6_encapsulation = wire::kNdisEncapsulation8023,
                   .ipv6_max_size = 60000,
                   .ipv6_min_segments = 3,
                   .ipv6_flags = wire::kNdisIpOptions | wire::kNdisTcpOptions};
    host.rsc[0] = host.rsc[1] = 1;
    return host;
}
HostOffloads all_seen(const wire::NdisOffload& host, wire::NvspVersion version = kNew) {
    return offloads::offloads_of(base::bytes_of(host), version);
}
ChecksumOffloads seen(const wire::NdisOffload& host, wire::NvspVersion version = kNew) {
    return all_seen(host, version).checksums;
}

TEST(Offloads, WhatTheHostCanIsSeen) {
    EXPECT_EQ(seen(capable()), (ChecksumOffloads{.tx = kAll, .rx = kAll}));
    EXPECT_EQ(seen({}), ChecksumOffloads{});
}

TEST(Offloads, EachRevisionIsRead) {
    for (const auto size : std::to_array<std::uint16_t>({112, 144, 156})) {
        auto host = capable();
        host.header.size = size;
        const auto host_can = offloads::offloads_of(base::bytes_of(host).first(size), kNew);
        EXPECT_EQ(host_can.checksums.tx, kAll) << size;
        EXPECT_EQ(host_can.lso_ipv4.max_bytes, 62780U);
        EXPECT_EQ(host_can.coalesces, size == 156);
    }
}

TEST(Offloads, AnObjectOfAnotherSizePromisesNothing) {
    for (const auto size : std::to_array<std::uint16_t>({0, 4, 36, 111, 113, 155})) {
        auto host = capable();
        host.header.size = size;
        EXPECT_EQ(seen(host), ChecksumOffloads{}) << size;
    }
    const auto host = capable();
    for (const std::size_t size : {0U, 3U, 112U, 155U}) {
        EXPECT_EQ(offloads::offloads_of(base::bytes_of(host).first(size), kNew), HostOffloads{})
            << "cut to " << size;
    }
}

TEST(Offloads, AnotherObjectPromisesNothing) {
    auto host = capable();
    host.header.type = wire::kNdisObjectDefault;
    EXPECT_EQ(seen(host), ChecksumOffloads{});
    host = capable();
    host.header.revision = 0;
    EXPECT_EQ(seen(host), ChecksumOffloads{});
}

TEST(Offloads, TcpCountsWithOptionsAndEachIpVersionByItself) {
    for (const std::uint32_t missing : {wire::kNdisTcp, wire::kNdisTcpOptions}) {
        auto host = capable();
        host.checksum.ipv4_tx_flags &= ~missing;
        EXPECT_EQ(seen(host).tx, kAll & ~kChecksumTcp4);
        host = capable();
        host.checksum.ipv6_tx_flags &= ~missing;
        EXPECT_EQ(seen(host).tx, kAll & ~kChecksumTcp6);
    }
    auto host = capable();
    host.checksum.ipv6_tx_flags &= ~std::uint32_t{wire::kNdisIpOptions};
    EXPECT_EQ(seen(host).tx, kAll & ~kChecksumTcp6);
}

TEST(Offloads, UdpIsSentWithoutChecksumFromNvsp5On) {
    EXPECT_EQ(seen(capable(), kOld).tx, kAll & ~kChecksumUdp);
    EXPECT_EQ(seen(capable(), wire::NvspVersion::kV5).tx, kAll);
    auto host = capable();
    host.checksum.ipv6_tx_flags &= ~std::uint32_t{wire::kNdisUdp};
    EXPECT_EQ(seen(host).tx, kAll & ~kChecksumUdp6);
}

TEST(Offloads, DirectionsAreIndependent) {
    auto host = capable();
    host.checksum.ipv4_tx_flags = host.checksum.ipv6_tx_flags = 0;
    EXPECT_EQ(seen(host), (ChecksumOffloads{.tx = 0, .rx = kAll}));
    host = capable();
    host.checksum.ipv4_rx_flags &= ~std::uint32_t{wire::kNdisIpHeader};
    host.checksum.ipv6_rx_flags = 0;
    EXPECT_EQ(seen(host), (ChecksumOffloads{.tx = kAll, .rx = kChecksumTcp4 | kChecksumUdp4}));
}

TEST(Offloads, SegmentationHasTheHostsLimitsForEachIpVersion) {
    EXPECT_EQ(all_seen(capable()).lso_ipv4, (LsoLimits{62780, 2}));
    EXPECT_EQ(all_seen(capable()).lso_ipv6, (LsoLimits{60000, 3}));
    auto host = capable();
    host.lso_v2.ipv4_encapsulation = 0;
    host.lso_v2.ipv6_flags = wire::kNdisTcpOptions;
    EXPECT_FALSE(all_seen(host).lso_ipv4.offered() || all_seen(host).lso_ipv6.offered());
    host = capable();
    host.lso_v2.ipv4_max_size = 0;
    EXPECT_FALSE(all_seen(host).lso_ipv4.offered());
}

TEST(Offloads, CoalescingNeedsBothIpVersionsAndNvsp61) {
    EXPECT_TRUE(all_seen(capable()).coalesces);
    EXPECT_FALSE(all_seen(capable(), wire::NvspVersion::kV6).coalesces);
    auto host = capable();
    host.rsc[1] = 0;
    EXPECT_FALSE(all_seen(host).coalesces);
}

TEST(Offloads, SegmentationAndCoalescingAreSwitched) {
    const auto on =
        offloads::parameters_for({.lso_ipv4 = true, .lso_ipv6 = true, .coalesce = true}, kNew);
    EXPECT_EQ(on.common.lso_v2_ipv4, 2);
    EXPECT_EQ(on.common.lso_v2_ipv6, 2);
    EXPECT_EQ(on.tail.rsc_ipv4, 2);
    EXPECT_EQ(on.tail.rsc_ipv6, 2);
    const auto off = offloads::parameters_for({}, kNew);
    EXPECT_EQ(off.common.lso_v2_ipv4, 1);
    EXPECT_EQ(off.tail.rsc_ipv6, 1);
    EXPECT_EQ(offloads::parameters_for({}, wire::NvspVersion::kV6).tail.rsc_ipv4, 0)
        << "unknown to such a host";
}

// defect: 4.4-19 transmit and receive together are neither of the two values
TEST(Offloads, BothWaysIsAValueOfItsOwn) {
    const auto wanted =
        offloads::parameters_for(
            {.checksums = {.tx = kChecksumIpv4 | kChecksumTcp, .rx = kChecksumTcp | kChecksumUdp}},
            kNew)
            .common;
    EXPECT_EQ(wanted.ipv4_checksum, 2);
    EXPECT_EQ(wanted.tcp_ipv4_checksum, 4);
    EXPECT_EQ(wanted.tcp_ipv6_checksum, 4);
    EXPECT_EQ(wanted.udp_ipv4_checksum, 3);
    EXPECT_EQ(wanted.udp_ipv6_checksum, 3);
}

TEST(Offloads, NothingWantedIsSwitchedOff) {
    EXPECT_EQ(offloads::parameters_for({}, kNew).common.ipv4_checksum, 1);
    EXPECT_EQ(offloads::parameters_for({}, kNew).common.udp_ipv6_checksum, 1);
}

// row: offload_parameters
TEST(Offloads, ParametersHaveTheSizeOfTheHostsRevision) {
    EXPECT_EQ(offloads::parameters_for({}, kNew).common.header.revision, 3);
    EXPECT_EQ(offloads::parameters_for({}, kNew).common.header.size, 28);
    EXPECT_EQ(offloads::parameters_for({}, kOld).common.header.revision, 2);
    EXPECT_EQ(offloads::parameters_for({}, kOld).common.header.size, 22);
}

struct OffloadsOnTheWire : testing::Test {
    void answer(wire::RndisStatus status) {
        host.answer_query = [status](std::uint32_t id, wire::Oid) {
            return rndis([&](base::MutableBytes out) {
                return codec::encode_query_complete(out, id, status, base::bytes_of(capable()));
            });
        };
        host.start();
    }
    Rig rig;
    Link link{rig};
    ScriptedHost host{rig};
    RndisClient client{link.control};
};

TEST_F(OffloadsOnTheWire, AreAskedFor) {
    answer(wire::RndisStatus::kSuccess);
    EXPECT_EQ(offloads::query(client, kNew).value().checksums.tx, kAll);
}
TEST_F(OffloadsOnTheWire, AHostThatRefusesHasNone) {
    answer(wire::RndisStatus::kNotSupported);
    EXPECT_EQ(offloads::query(client, kNew).value(), HostOffloads{});
}
TEST_F(OffloadsOnTheWire, AreSet) {
    host.start();
    EXPECT_EQ(offloads::set(client, {}, kNew), 0);
    host.stop();
    // The scripted host keeps the first word of what is set: type, revision, size.
    EXPECT_EQ(host.filters, std::vector<std::uint32_t>{28U << 16 | 3U << 8 | 0x80U});
}

}  // namespace
}  // namespace vmbus::netvsc::test
