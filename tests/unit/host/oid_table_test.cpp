#include "host/oid_table.hpp"

#include <gtest/gtest.h>

#include <string>

namespace vmbus {
namespace {

using wire::Oid;
using wire::RndisStatus;

class OidTable : public testing::Test {
protected:
    /// The answer, as its first four bytes.
    std::uint32_t value(Oid oid) {
        EXPECT_EQ(ask(oid), RndisStatus::kSuccess);
        return base::load_at<std::uint32_t>(out, 0);
    }
    RndisStatus ask(Oid oid) {
        return host::query_oid(oid,
                               {.spec = spec,
                                .mtu = 1514,
                                .ndis_major = major,
                                .ndis_minor = minor,
                                .link_up = link_up,
                                .link_speed = spec.speed,
                                .filter = 0x0D,
                                .offload = offload,
                                .counters = counters,
                                .no_buffer = 0},
                               out, length);
    }
    host::NicSpec spec;
    host::OffloadConfig offload;
    host::NicCounters counters;
    std::uint32_t major = 6;
    std::uint32_t minor = 30;
    bool link_up = true;
    std::array<std::byte, host::kMaxOidBytes> out{};
    std::size_t length = 0;
};

TEST_F(OidTable, SupportedListFollowsNdisVersion) {
    ask(Oid::kSupportedList);
    EXPECT_EQ(length, 65U * 4);
    minor = 1;
    ask(Oid::kSupportedList);
    EXPECT_EQ(length, 63U * 4);
    major = 5;
    ask(Oid::kSupportedList);
    EXPECT_EQ(length, 56U * 4);
    major = 7;
    EXPECT_EQ(ask(Oid::kSupportedList), RndisStatus::kBadVersion);
    EXPECT_EQ(length, 0U);
}

// conformance: oid_query_mac_options_reports_vlan_support
TEST_F(OidTable, AnswersOfTheSpec) {
    spec.mac = {0x00, 0x15, 0x5D, 1, 2, 3};
    spec.speed = 25'000'000'000;
    spec.queues = 5;
    ask(Oid::kPermanentAddress);
    EXPECT_EQ(std::memcmp(out.data(), spec.mac.data(), 6), 0);
    EXPECT_EQ(value(Oid::kLinkSpeed), 250'000'000U);
    EXPECT_EQ(value(Oid::kMacOptions), 0x24DU);
    ask(Oid::kReceiveScaleCapabilities);
    EXPECT_EQ(length, 18U);
    EXPECT_EQ(base::load_at<std::uint32_t>(out, 4), 0x301U);
    EXPECT_EQ(base::load_at<std::uint32_t>(out, 12), 5U);
    EXPECT_EQ(base::load_at<std::uint16_t>(out, 16), 128U);
}

TEST_F(OidTable, LinkStateIsTheTruth) {
    EXPECT_EQ(value(Oid::kMediaConnectStatus), 0U);
    link_up = false;
    EXPECT_EQ(value(Oid::kMediaConnectStatus), 1U);
    ask(Oid::kLinkState);
    EXPECT_EQ(base::load_at<wire::NdisLinkState>(out, 0).connect_state, 2U);
}

TEST_F(OidTable, EverythingElseThatIsListedIsAnswered) {
    ask(Oid::kSupportedList);
    std::array<std::uint32_t, 65> listed{};
    std::memcpy(listed.data(), out.data(), length);
    int refused = 0;
    for (const std::uint32_t oid : listed) {
        refused += ask(Oid{oid}) == RndisStatus::kSuccess ? 0 : 1;
    }
    EXPECT_EQ(refused, 7);
}

// conformance: oid_query_mac_options_reports_vlan_support
TEST_F(OidTable, OffersVlanTags) {
    EXPECT_EQ(value(Oid::kMacOptions), 0x24DU);
}

TEST_F(OidTable, ModeratesNoInterrupts) {
    ask(Oid::kInterruptModeration);
    EXPECT_EQ(length, 12U);
    EXPECT_EQ(base::load_at<std::uint32_t>(out, 8), 1U);
    EXPECT_EQ(value(Oid::kPhysicalMedium), 0U);
}

TEST_F(OidTable, CountsWhatPassed) {
    counters.tx_packets = 7;
    EXPECT_EQ(value(Oid::kTransmitOk), 7U);
}

TEST_F(OidTable, TextIsWithoutEnd) {
    ask(Oid::kVendorDescription);
    const std::string text(reinterpret_cast<const char*>(out.data()), length);
    EXPECT_EQ(text, "Microsoft Corporation");
}

TEST_F(OidTable, ListedIsNotAlwaysAnswered) {
    for (const std::uint32_t oid : {0x00010112U, 0x00010118U, 0x01010103U, 0x0001021BU, 0x00010208U,
                                    0xFC01020CU, 0x00010204U, 0x0002020FU}) {
        EXPECT_EQ(ask(Oid{oid}), RndisStatus::kNotSupported) << std::hex << oid;
    }
}

}  // namespace
}  // namespace vmbus
