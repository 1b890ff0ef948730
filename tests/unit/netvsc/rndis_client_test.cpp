#include "net/netvsc/control/rndis_client.hpp"

#include <gtest/gtest.h>

#include "rig.hpp"

namespace vmbus::netvsc::test {
namespace {

struct RndisClientTest : testing::Test {
    Rig rig;
    Link link{rig};
    ScriptedHost host{rig};
    RndisClient client{link.control};
    Message out = Message(64);
};

// row: rndis_initialize
TEST_F(RndisClientTest, InitialiseLearnsTheHostsLimits) {
    host.start();
    ASSERT_EQ(client.initialize(), 0);
    EXPECT_EQ(client.limits().max_packets, 8U);
    EXPECT_EQ(client.limits().alignment, 8U);
}

TEST_F(RndisClientTest, QueryCopiesNoMoreThanIsThereOrFits) {
    host.start();
    EXPECT_EQ(client.query(wire::Oid::kPermanentAddress, out).value(), 6U);
    EXPECT_EQ(client.query(wire::Oid::kPermanentAddress, base::MutableBytes(out).first(4)).value(),
              4U);
}

TEST_F(RndisClientTest, ReplyOfAnotherTypeIsRefused) {
    host.answer_query = [](std::uint32_t id, wire::Oid) {
        return rndis([id](base::MutableBytes message) {
            return codec::encode_status_complete(message, wire::RndisType::kSetComplete, id,
                                                 wire::RndisStatus::kSuccess);
        });
    };
    host.start();
    EXPECT_EQ(client.query(wire::Oid::kLinkSpeed, out).error(), EPROTO);
}

// defect: 4.4-4 a refused SET is a negative errno
TEST_F(RndisClientTest, StatusOfTheHostIsAnError) {
    host.answer_query = [](std::uint32_t id, wire::Oid) {
        return rndis([id](base::MutableBytes message) {
            return codec::encode_query_complete(message, id, wire::RndisStatus::kNotSupported, {});
        });
    };
    host.start();
    EXPECT_EQ(client.query(wire::Oid::kLinkSpeed, out).error(), EIO);
}

// defect: 4.3-10 information of an answer lies inside it
TEST_F(RndisClientTest, InformationOutsideTheReplyIsNoAnswer) {
    host.answer_query = [](std::uint32_t id, wire::Oid oid) {
        Message reply = ScriptedHost::default_answer(id, oid);
        base::store_at(reply, offsetof(wire::RndisQueryComplete, info_offset), 0xFFFFFFF8U);
        return reply;
    };
    link.deadlines = kImpatient;
    host.start();
    EXPECT_EQ(client.query(wire::Oid::kLinkSpeed, out).error(), ETIMEDOUT);
    EXPECT_EQ(link.count(RingCount::kControlBad), 1U);
}

TEST_F(RndisClientTest, SetSendsTheValue) {
    host.start();
    EXPECT_EQ(client.set(wire::Oid::kCurrentPacketFilter, base::bytes_of(std::uint32_t{13})), 0);
    host.stop();
    EXPECT_EQ(host.filters, std::vector<std::uint32_t>{13});
}

// defect: 4.4-18 HALT stays in place until the host has read it
TEST_F(RndisClientTest, HaltIsReadBeforeItReturns) {
    host.start();
    client.halt();
    EXPECT_EQ(link.lane.channel().tx().bytes_in_flight(), 0U);
    host.stop();
    EXPECT_EQ(host.rndis_seen, std::vector{wire::RndisType::kHalt});
}

TEST_F(RndisClientTest, NudgeIsSentAndItsReplyIsNobodys) {
    client.nudge();
    EXPECT_GT(link.lane.channel().tx().bytes_in_flight(), 0U) << "it did not wait";
    host.start();
    EXPECT_EQ(client.query(wire::Oid::kLinkSpeed, out).value(), 4U);
    host.stop();
    EXPECT_EQ(host.rndis_seen, std::vector(2, wire::RndisType::kQuery));
    EXPECT_EQ(link.count(RingCount::kControlUnexpected), 0U) << "the host did as it was asked";
}

TEST_F(RndisClientTest, NudgeIsNotSentWhileSomebodyAsks) {
    const std::lock_guard asks(link.control.mutex());
    client.nudge();
    EXPECT_EQ(link.lane.channel().tx().bytes_in_flight(), 0U);
}

}  // namespace
}  // namespace vmbus::netvsc::test
