#include "net/netvsc/control/control_link.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "rig.hpp"

namespace vmbus::netvsc::test {
namespace {

Message init_message() {
    return nvsp(wire::NvspInit{raw(wire::NvspType::kInit), raw(wire::NvspVersion::kV5), 0});
}
Message query_message(std::uint32_t id) {
    return rndis([id](base::MutableBytes out) {
        return codec::encode_query(out, id, wire::Oid::kLinkSpeed);
    });
}

struct ControlLinkTest : testing::Test {
    Rig rig;
    Link link{rig};
    Link& impatient() {
        link.deadlines = kImpatient;
        return link;
    }
    ScriptedHost host{rig};
};

TEST_F(ControlLinkTest, NvspCallBringsTheAnswer) {
    host.start();
    const auto answer = link.control.call_nvsp(init_message());
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(codec::nvsp_type(answer.value()), wire::NvspType::kInitComplete);
}

TEST_F(ControlLinkTest, SilentHostTimesOut) {
    EXPECT_EQ(impatient().control.call_nvsp(init_message()).error(), ETIMEDOUT);
}

TEST_F(ControlLinkTest, HostThatNeverAnswersIsNotAskedForEver) {
    impatient();
    for (std::uint32_t i = 0; i < kControlSlots; ++i) {
        EXPECT_EQ(link.control.call_rndis(query_message(i), i).error(), ETIMEDOUT);
    }
    EXPECT_EQ(link.control.call_rndis(query_message(9), 9).error(), EBUSY);
}

// row: nvsp_command
// defect: 4.4-13 notifications and completions in the middle of a command
TEST_F(ControlLinkTest, NotificationAndDataInTheMiddleAreDealtWith) {
    host.before_reply = [](HostEnd& end) {
        end.deliver(20, data_message(100));
        end.put({.payload = nvsp(
                     wire::NvspSendVfAssociation{raw(wire::NvspType::kSendVfAssociation), 1, 2})});
        end.complete_rndis(4711);
    };
    host.start();
    EXPECT_TRUE(link.control.call_rndis(query_message(3), 3).ok());
    EXPECT_TRUE(link.inbound.has_range()) << "the frame waits for its lcore";
    EXPECT_EQ(link.count(RingCount::kVfAssociation), 1U);
}

// row: rndis_request
TEST_F(ControlLinkTest, ReplyWithAnotherIdIsNotTaken) {
    host.answer_query = [](std::uint32_t id, wire::Oid oid) {
        return ScriptedHost::default_answer(id + 1, oid);
    };
    host.start();
    EXPECT_EQ(impatient().control.call_rndis(query_message(3), 3).error(), ETIMEDOUT);
    while (link.count(RingCount::kControlUnexpected) == 0) {
        link.control.poll();  // the host was even slower
    }
}

// defect: 4.3-9 a late reply does not overwrite the next one
TEST_F(ControlLinkTest, LateReplyDoesNotAnswerTheNextRequest) {
    host.silent_on_query = true;
    host.start();
    EXPECT_EQ(impatient().control.call_rndis(query_message(3), 3).error(), ETIMEDOUT);
    host.stop();
    host.end.deliver(30, ScriptedHost::default_answer(3, wire::Oid::kLinkSpeed));
    host.silent_on_query = false;
    link.deadlines = {};
    host.start();
    const auto answer = link.control.call_rndis(query_message(4), 4);
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(base::load_at<wire::RndisQueryComplete>(answer.value(), 0).request_id, 4U);
}

// defect: 4.4-5 a request that failed is not pending for ever
TEST_F(ControlLinkTest, RefusedRequestIsSaidAtOnce) {
    host.control_status = wire::NvspStatus::kFailure;
    host.silent_on_query = true;
    host.start();
    EXPECT_EQ(link.control.call_rndis(query_message(3), 3).error(), ECONNREFUSED);
}

TEST_F(ControlLinkTest, AnswerThatAnLcorePicksUpReachesTheWaitingThread) {
    link.control.set_data_path_running(true);
    link.deadlines.grace = std::chrono::seconds(5);  // it would time out if it had to poll itself
    link.deadlines.rndis = std::chrono::seconds(4);
    host.start();
    std::jthread lcore([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            const Ownership own(link.owner);
            if (own) {
                link.inbound.take_all();
                link.inbound.finish();
            }
        }
    });
    EXPECT_TRUE(link.control.call_rndis(query_message(3), 3).ok());
}

TEST_F(ControlLinkTest, RunningPortThatNobodyPollsIsPolledByTheWaitingThread) {
    link.control.set_data_path_running(true);
    host.start();
    EXPECT_TRUE(link.control.call_rndis(query_message(3), 3).ok());
}

TEST_F(ControlLinkTest, RequestLargerThanASectionIsRefused) {
    const Message large(kSection + 1);
    EXPECT_EQ(link.control.call_rndis(large, 1).error(), EMSGSIZE);
}

TEST_F(ControlLinkTest, RequestsThatWereNotSentAreNotOutstanding) {
    for (std::uint32_t i = 0; i <= kControlSlots; ++i) {
        EXPECT_EQ(link.control.call_rndis(Message(kSection + 1), i).error(), EMSGSIZE);
    }
}

TEST_F(ControlLinkTest, DeadDeviceAnswersAtOnce) {
    link.health.fail(Health::kRemoved);
    EXPECT_EQ(link.control.call_nvsp(init_message()).error(), ENODEV);
    EXPECT_FALSE(link.control.drain(std::chrono::seconds(10)));
}

TEST_F(ControlLinkTest, DeviceThatDiesDuringACallEndsIt) {
    std::jthread killer([this] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        link.health.fail(Health::kRemoved);
    });
    EXPECT_EQ(link.control.call_nvsp(init_message()).error(), ENODEV);
}

}  // namespace
}  // namespace vmbus::netvsc::test
