#include "net/netvsc/control/rss.hpp"

#include <gtest/gtest.h>

#include "host/rss_config.hpp"
#include "rig.hpp"
#include "wire/ndis_rss.hpp"

namespace vmbus::netvsc::test {
namespace {

struct RssTest : testing::Test {
    RssTest() {
        host.answer_query = [this](std::uint32_t id, wire::Oid) {
            return rndis([&](base::MutableBytes out) {
                return codec::encode_query_complete(out, id, wire::RndisStatus::kSuccess,
                                                    base::bytes_of(can).first(answer_bytes));
            });
        };
        host.start();
    }
    RssCapabilities query() { return rss::query(client); }

    Rig rig;
    Link link{rig};
    RndisClient client{link.control};
    wire::NdisRssCapabilities can{{wire::kNdisObjectRssCapabilities, 2, 18}, 0x301, 1, 8, 64, 0};
    std::size_t answer_bytes = wire::kNdisRssCapabilitiesBytes;
    ScriptedHost host{rig};
};

TEST_F(RssTest, WhatTheHostSaysIsWhatItCan) {
    const RssCapabilities got = query();
    EXPECT_EQ(got.queues, 8);
    EXPECT_EQ(got.table_entries, 64);
    EXPECT_EQ(got.hash_types, wire::kNdisHashIpv4 | wire::kNdisHashTcpIpv4 | wire::kNdisHashIpv6 |
                                  wire::kNdisHashTcpIpv6);
}

TEST_F(RssTest, UdpIsHashedWhereTheHostOffersIt) {
    can.capabilities |= wire::kNdisRssCapUdpIpv4;
    EXPECT_NE(query().hash_types & wire::kNdisHashUdpIpv4, 0U);
    EXPECT_EQ(query().hash_types & wire::kNdisHashUdpIpv6, 0U);
}

// defect: 4.3-17 a table of no entries is taken for the usual one, other sizes for what they are
TEST_F(RssTest, NoEntriesMeanTheUsualTable) {
    can.table_entries = 0;
    EXPECT_EQ(query().table_entries, 128);
    can.table_entries = 65535;
    EXPECT_EQ(query().table_entries, kMaxRssTable);
    can.table_entries = 100;
    EXPECT_EQ(query().table_entries, 100) << "not a power of two";
}

TEST_F(RssTest, FirstRevisionDoesNotSayHowManyEntries) {
    can.header = {wire::kNdisObjectRssCapabilities, 1, 16};
    answer_bytes = wire::kNdisRssCapabilitiesBytesRev1;
    EXPECT_EQ(query().table_entries, 128);
}

TEST_F(RssTest, HostsWithoutQueuesHashesOrFunctionCannotScale) {
    can.receive_queues = 0;
    EXPECT_EQ(query().queues, 1);
    can.receive_queues = 8;
    can.capabilities = 0x300;
    EXPECT_EQ(query().queues, 1) << "not Toeplitz";
    can.capabilities = 1;
    EXPECT_EQ(query().queues, 1);
}

TEST_F(RssTest, NonsenseCannotScale) {
    can.header.type = 0x80;
    EXPECT_EQ(query().queues, 1);
    can.header.type = wire::kNdisObjectRssCapabilities;
    answer_bytes = 15;
    EXPECT_EQ(query().queues, 1);
}

TEST_F(RssTest, MoreQueuesThanThereCanBeAreCut) {
    can.receive_queues = 0x10000 + 2;
    EXPECT_EQ(query().queues, kMaxQueues);
}

// row: default_key
TEST(RssDefault, KeyIsThatOfTheVirtualFunction) {
    EXPECT_EQ(kDefaultRssKey.front(), std::byte{0x2c});
    EXPECT_EQ(kDefaultRssKey.back(), std::byte{0x2a});
}

/// What a host makes of the bytes of a SET.
struct RssSet : RssTest {
    RssSet() {
        host.stop();
        host.instead = [this](HostEnd& end, const ring::PacketView& view) {
            const auto packet = view.payload<wire::NvspSendRndisPacket>();
            if (!packet || packet->send_section_index == wire::kNoSendSection) return false;
            const Message request =
                bytes(end.section(packet->send_section_index).first(packet->send_section_length));
            codec::OidRequest oid;
            if (codec::decode_oid_request(request, wire::RndisType::kSet, oid) ==
                codec::RndisError::kNone) {
                statuses.push_back(seen.set(oid.info, kMaxQueues));
                enabled.push_back(seen.enabled);
            }
            return false;
        };
        host.start();
    }
    host::RssConfig seen;
    std::vector<wire::RndisStatus> statuses;
    std::vector<bool> enabled;
};

TEST_F(RssSet, OffThenOnWithKeyAndTable) {
    RssSettings settings{.hash_types = wire::kNdisHashTcpIpv4, .table = {3, 1, 2, 0}};
    settings.key[0] = std::byte{0xAB};
    ASSERT_EQ(rss::set(client, settings), 0);
    host.stop();
    EXPECT_EQ(statuses, std::vector(2, wire::RndisStatus::kSuccess));
    EXPECT_EQ(enabled, (std::vector{false, true}));
    EXPECT_EQ(seen.key, settings.key);
    EXPECT_EQ(seen.hash_information, wire::kNdisHashTcpIpv4 | wire::kNdisHashToeplitz);
    EXPECT_EQ((std::vector(seen.table.begin(), seen.table.begin() + 5)),
              (std::vector<std::uint32_t>{3, 1, 2, 0, 3}));
}

TEST_F(RssSet, NoTypesAreOff) {
    ASSERT_EQ(rss::set(client, {}), 0);
    host.stop();
    EXPECT_EQ(enabled, std::vector{false});
}

TEST_F(RssSet, LargestTableFits) {
    RssSettings settings{.hash_types = wire::kNdisHashIpv4, .table = {}};
    settings.table.assign(kMaxRssTable, 1);
    EXPECT_EQ(rss::set(client, settings), 0);
}

}  // namespace
}  // namespace vmbus::netvsc::test
