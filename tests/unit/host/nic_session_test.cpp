#include "host/nic_session.hpp"

#include <gtest/gtest.h>

#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Violation;
using support::Guest;
using support::Message;
using namespace std::chrono_literals;

using wire::RndisStatus;

/// A clock that stands until it is set.
host::LinkReporter::Time now;

class NicSessionAtATime : public testing::Test {
protected:
    NicSessionAtATime() {
        now = {};
        guest.nic().set_clock([] { return now; });
        guest.capabilities |= wire::kNvspCapTeaming;
        guest.start();
    }
    std::optional<RndisStatus> told_after(std::chrono::milliseconds time) {
        now += time;
        guest.run();
        return guest.indication();
    }
    Guest guest;
};

// conformance: link_status_update
TEST_F(NicSessionAtATime, TellsGuestOfLink) {
    guest.nic().set_link(false);
    EXPECT_EQ(told_after(0ms), RndisStatus::kMediaDisconnect);
    EXPECT_EQ(told_after(20s), std::nullopt);
    guest.nic().set_link(false);
    EXPECT_EQ(told_after(0ms), RndisStatus::kMediaConnect);
    EXPECT_EQ(told_after(4999ms), std::nullopt);
    EXPECT_EQ(told_after(1ms), RndisStatus::kMediaDisconnect);
    guest.nic().set_link(true);
    guest.nic().set_link(false);
    EXPECT_EQ(told_after(5s), RndisStatus::kMediaConnect);
    EXPECT_EQ(told_after(5s), RndisStatus::kMediaDisconnect);
}

// conformance: link_status_update
TEST_F(NicSessionAtATime, LinkMessageWaitsForControlBuffer) {
    Message keepalive(12);
    codec::encode_keepalive(keepalive, 1);
    for (int i = 0; i < 16; ++i) {
        guest.send_control(keepalive, 5);
        guest.run();
        guest.completion(5);
    }
    ASSERT_EQ(guest.inbox.size(), 16U);
    guest.nic().set_link(false);
    guest.run();
    EXPECT_EQ(guest.inbox.size(), 16U);
    for (int i = 0; i < 16; ++i) EXPECT_EQ(guest.indication(), std::nullopt);
    EXPECT_EQ(told_after(0ms), RndisStatus::kMediaDisconnect);
}

TEST_F(NicSessionAtATime, TellsSpeedToGuestThatAsked) {
    guest.nic().set_link_speed(25'000'000'000);
    EXPECT_EQ(told_after(0ms), RndisStatus::kLinkSpeedChange);
    Message info;
    EXPECT_EQ(guest.query(wire::Oid::kLinkSpeed, info), RndisStatus::kSuccess);
    EXPECT_EQ(base::load_at<std::uint32_t>(info, 0), 250'000'000U);
    guest.capabilities = 0;
    guest.start();
    guest.nic().set_link_speed(1);
    EXPECT_EQ(told_after(0ms), std::nullopt);
}

TEST_F(NicSessionAtATime, TellsOffloadsWhenAsked) {
    guest.nic().indicate_offload();
    EXPECT_EQ(told_after(0ms), RndisStatus::kOffloadCurrentConfig);
}

TEST(NicSession, TellsNothingBeforeInitializeAndAfterHalt) {
    Guest guest;
    guest.open();
    guest.handshake();
    guest.nic().set_link(false);
    guest.nic().indicate_offload();
    guest.initialise_rndis();
    guest.run();
    EXPECT_FALSE(guest.control_message());
    Message halt(12);
    codec::encode_halt(halt, 1);
    guest.send_control(halt);
    guest.nic().set_link(true);
    guest.run();
    EXPECT_FALSE(guest.control_message());
}

TEST(NicSession, DropsWhatIsSentWhileLinkIsDown) {
    Guest guest;
    guest.start();
    guest.nic().set_link(false);
    guest.send_section(0, support::data_message(support::frame(60)), 5);
    guest.run();
    EXPECT_EQ(guest.status(5), wire::NvspStatus::kSuccess);
    EXPECT_TRUE(guest.port.sent.empty());
    EXPECT_EQ(guest.nic().counters().dropped(host::Drop::kTxLinkDown), 1U);
}

}  // namespace
}  // namespace vmbus
