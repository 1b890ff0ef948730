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
    return host;
}
ChecksumOffloads seen(const wire::NdisOffload& host, wire::NvspVersion version = kNew) {
    return offloads::checksums_of(base::bytes_of(host), version);
}

TEST(Offloads, WhatTheHostCanIsSeen) {
    EXPECT_EQ(seen(capable()), (ChecksumOffloads{.tx = kAll, .rx = kAll}));
    EXPECT_EQ(seen({}), ChecksumOffloads{});
}

TEST(Offloads, EachRevisionIsRead) {
    for (const auto size : std::to_array<std::uint16_t>({112, 144, 156})) {
        auto host = capable();
        host.header.size = size;
        EXPECT_EQ(offloads::checksums_of(base::bytes_of(host).first(size), kNew).tx, kAll) << size;
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
        EXPECT_EQ(offloads::checksums_of(base::bytes_of(host).first(size), kNew),
                  ChecksumOffloads{})
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

TEST(Offloads, TcpNeedsBothFamiliesWithOptions) {
    for (const std::uint32_t missing : {wire::kNdisTcp, wire::kNdisTcpOptions}) {
        auto host = capable();
        host.checksum.ipv4_tx_flags &= ~missing;
        EXPECT_EQ(seen(host).tx, kAll & ~kChecksumTcp);
        host = capable();
        host.checksum.ipv6_tx_flags &= ~missing;
        EXPECT_EQ(seen(host).tx, kAll & ~kChecksumTcp);
    }
    auto host = capable();
    host.checksum.ipv6_tx_flags &= ~std::uint32_t{wire::kNdisIpOptions};
    EXPECT_EQ(seen(host).tx, kAll & ~kChecksumTcp);
}

TEST(Offloads, UdpIsSentWithoutChecksumFromNvsp5OnAndToBothFamilies) {
    EXPECT_EQ(seen(capable(), kOld).tx, kAll & ~kChecksumUdp);
    EXPECT_EQ(seen(capable(), wire::NvspVersion::kV5).tx, kAll);
    auto host = capable();
    host.checksum.ipv6_tx_flags &= ~std::uint32_t{wire::kNdisUdp};
    EXPECT_EQ(seen(host).tx, kAll & ~kChecksumUdp);
}

TEST(Offloads, DirectionsAreIndependent) {
    auto host = capable();
    host.checksum.ipv4_tx_flags = host.checksum.ipv6_tx_flags = 0;
    EXPECT_EQ(seen(host), (ChecksumOffloads{.tx = 0, .rx = kAll}));
    host = capable();
    host.checksum.ipv4_rx_flags &= ~std::uint32_t{wire::kNdisIpHeader};
    host.checksum.ipv6_rx_flags = 0;
    EXPECT_EQ(seen(host), (ChecksumOffloads{.tx = kAll, .rx = 0}));
}

TEST(Offloads, BothWaysIsAValueOfItsOwn) {
    const auto wanted = offloads::parameters_for(
        {.tx = kChecksumIpv4 | kChecksumTcp, .rx = kChecksumTcp | kChecksumUdp}, kNew);
    EXPECT_EQ(wanted.ipv4_checksum, 2);
    EXPECT_EQ(wanted.tcp_ipv4_checksum, 4);
    EXPECT_EQ(wanted.tcp_ipv6_checksum, 4);
    EXPECT_EQ(wanted.udp_ipv4_checksum, 3);
    EXPECT_EQ(wanted.udp_ipv6_checksum, 3);
    EXPECT_EQ(wanted.lso_v2_ipv4, 0) << "no change";
}

TEST(Offloads, NothingWantedIsSwitchedOff) {
    EXPECT_EQ(offloads::parameters_for({}, kNew).ipv4_checksum, 1);
    EXPECT_EQ(offloads::parameters_for({}, kNew).udp_ipv6_checksum, 1);
}

TEST(Offloads, ParametersHaveTheSizeOfTheHostsRevision) {
    EXPECT_EQ(offloads::parameters_for({}, kNew).header.revision, 3);
    EXPECT_EQ(offloads::parameters_for({}, kNew).header.size, 28);
    EXPECT_EQ(offloads::parameters_for({}, kOld).header.revision, 2);
    EXPECT_EQ(offloads::parameters_for({}, kOld).header.size, 22);
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
    EXPECT_EQ(offloads::query_checksums(client, kNew).value().tx, kAll);
}
TEST_F(OffloadsOnTheWire, AHostThatRefusesHasNone) {
    answer(wire::RndisStatus::kNotSupported);
    EXPECT_EQ(offloads::query_checksums(client, kNew).value(), ChecksumOffloads{});
}
TEST_F(OffloadsOnTheWire, AreSet) {
    host.start();
    EXPECT_EQ(offloads::set_checksums(client, {}, kNew), 0);
    host.stop();
    // The scripted host keeps the first word of what is set: type, revision, size.
    EXPECT_EQ(host.filters, std::vector<std::uint32_t>{28U << 16 | 3U << 8 | 0x80U});
}

}  // namespace
}  // namespace vmbus::netvsc::test
