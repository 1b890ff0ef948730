#include "net/netvsc/control/session.hpp"

#include <gtest/gtest.h>

#include "rig.hpp"

namespace vmbus::netvsc::test {
namespace {

struct SessionTest : testing::Test {
    std::unique_ptr<Session> open(std::uint32_t mtu = 1500) {
        options.mtu = mtu;
        options.counters = {&counters, 1};
        return Session::open(rig.resources(), options, failure);
    }
    Rig rig;
    ScriptedHost host{rig};
    RingCounters counters;
    SessionOptions options;
    Session::Failure failure;
};

// row: attach_queries
TEST_F(SessionTest, AsksEverythingOnTheWayUp) {
    host.start();
    const auto session = open();
    ASSERT_NE(session, nullptr) << failure.doing;
    EXPECT_EQ(session->facts().mac[2], 0x5D);
    EXPECT_EQ(session->facts().speed_mbps, 10'000U);
    EXPECT_TRUE(session->facts().link_up);
    EXPECT_EQ(session->tx_line(0).slots.capacity(), kSections - kControlSlots);
    host.stop();
    EXPECT_EQ(host.announced_mtu, 1514U);
    EXPECT_EQ(host.filters, std::vector<std::uint32_t>{0});
    host.start();
}

/// Answers the question after the offloads like a host that can all checksums.
Message capable(std::uint32_t id, wire::Oid oid) {
    if (oid != wire::Oid::kOffloadHardwareCapabilities) {
        return ScriptedHost::default_answer(id, oid);
    }
    wire::NdisOffload can{};
    can.header = {wire::kNdisObjectOffload, 3, sizeof can};
    can.checksum.ipv4_tx_flags = can.checksum.ipv4_rx_flags = 0x155;
    can.checksum.ipv6_tx_flags = can.checksum.ipv6_rx_flags = 0x55;
    return rndis([&](base::MutableBytes out) {
        return codec::encode_query_complete(out, id, wire::RndisStatus::kSuccess,
                                            base::bytes_of(can));
    });
}

TEST_F(SessionTest, TellsTheHostOfChecksumsOnce) {
    host.answer_query = capable;
    host.start();
    const auto session = open();
    ASSERT_NE(session, nullptr) << failure.doing;
    EXPECT_NE(session->facts().offloads, HostOffloads{});
    EXPECT_EQ(session->use_offloads({}), 0) << "off is news as well";
    EXPECT_EQ(session->use_offloads({}), 0);
    EXPECT_EQ(session->use_offloads({.checksums = {.tx = kChecksumTcp}}), 0);
    host.stop();
    EXPECT_EQ(host.filters.size(), 1U + 2U) << "the packet filter, and two changes";
    host.start();
}

TEST_F(SessionTest, AHostWithoutOffloadsIsNotToldOfThem) {
    host.start();
    const auto session = open();
    ASSERT_NE(session, nullptr) << failure.doing;
    EXPECT_EQ(session->use_offloads({}), 0);
    host.stop();
    EXPECT_EQ(host.filters.size(), 1U);
    host.start();
}

// row: detach
// defect: 4.4-12 the end of a session halts and gives the buffers back
TEST_F(SessionTest, DestructionHaltsThenRevokesBothBuffers) {
    host.start();
    open().reset();
    host.stop();
    EXPECT_EQ(host.rndis_seen.back(), wire::RndisType::kHalt);
    using T = wire::NvspType;
    const auto n = host.nvsp_seen.size();
    EXPECT_EQ(
        (std::vector(host.nvsp_seen.begin() + static_cast<long>(n) - 3, host.nvsp_seen.end())),
        (std::vector{T::kSendRndisPacket, T::kRevokeReceiveBuffer, T::kRevokeSendBuffer}));
}

TEST_F(SessionTest, FailureHalfWayUpGivesBackWhatWasShared) {
    host.send_layout.section_size = 7;
    host.start();
    EXPECT_EQ(open(), nullptr);
    EXPECT_STREQ(failure.doing, "sharing the send buffer");
    host.stop();
    EXPECT_EQ(host.nvsp_seen.back(), wire::NvspType::kRevokeSendBuffer);
    EXPECT_TRUE(host.rndis_seen.empty()) << "nothing to halt";
}

TEST_F(SessionTest, LargeMtuNeedsAHostThatKnowsIt) {
    host.newest = wire::NvspVersion::kV1;
    host.start();
    EXPECT_EQ(open(9000), nullptr);
    EXPECT_EQ(failure.error, ENOTSUP);
}

// row: mtu_failure
// defect: 4.4-6 a new MTU that failed is said to have failed
TEST_F(SessionTest, MtuThatTheHostDidNotTakeIsNotPretended) {
    host.start();  // answers 1500 whatever was announced
    EXPECT_EQ(open(4000), nullptr);
    EXPECT_STREQ(failure.doing, "asking for that MTU");
    host.stop();
    EXPECT_EQ(host.announced_mtu, 4014U);
}

TEST_F(SessionTest, SilentHostEndsTheAttempt) {
    options.deadlines = kImpatient;
    EXPECT_EQ(open(), nullptr);
    EXPECT_EQ(failure.error, ETIMEDOUT);
}

TEST_F(SessionTest, DeadDeviceIsLeftAlone) {
    host.start();
    auto session = open();
    ASSERT_NE(session, nullptr);
    host.stop();
    const auto in = rig.half(0).page().in.load_relaxed();
    session->fail(Health::kRemoved);
    session.reset();
    EXPECT_EQ(rig.half(0).page().in.load_relaxed(), in);
}

// defect: 4.4-12 and frees what the host still had
TEST_F(SessionTest, PacketsTheHostStillHasAreFreedAtTheEnd) {
    static int freed = 0;
    freed = 0;
    options.free_mbuf = [](rte_mbuf*) noexcept { ++freed; };
    host.start();
    auto session = open();
    ASSERT_NE(session, nullptr);
    int packet = 0;
    session->tx_line(0).slots.begin({.held = reinterpret_cast<rte_mbuf*>(&packet)});
    session->tx_line(0).slots.begin({});
    session.reset();
    EXPECT_EQ(freed, 1);
}

}  // namespace
}  // namespace vmbus::netvsc::test
