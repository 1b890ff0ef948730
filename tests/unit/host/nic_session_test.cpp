#include "host/nic_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

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

/// The send table that came on the primary, if one did.
std::optional<wire::NvspSendIndirectionTable> send_table(Guest& guest) {
    for (const auto& packet : guest.inbox) {
        const auto message = base::try_load<wire::NvspSendIndirectionTable>(packet.payload);
        if (packet.type == wire::PacketType::kInBand && message) return message;
    }
    return std::nullopt;
}

TEST(NicSession, SendsItsTableWhenAllChannelsAreOpen) {
    Guest guest;
    guest.start();
    ASSERT_EQ(guest.request_channels(2), wire::NvspStatus::kSuccess);
    EXPECT_FALSE(send_table(guest));
    guest.open_channels();
    guest.run();
    const auto table = send_table(guest);
    ASSERT_TRUE(table);
    EXPECT_EQ(guest.inbox.back().channel, 0U);
    EXPECT_EQ(guest.inbox.back().payload.size(), 80U);
    EXPECT_FALSE(guest.inbox.back().completion_requested);
    EXPECT_EQ(table->offset, 12U);
    EXPECT_THAT(table->table, testing::ElementsAre(0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0));
}

TEST(NicSession, SendsItsTableAgainAfterAnotherRequest) {
    Guest guest;
    guest.start();
    guest.request_channels(1);
    guest.open_channels();
    guest.run();
    guest.inbox.clear();
    guest.request_channels(1);
    guest.run();
    EXPECT_TRUE(send_table(guest));
}

TEST(NicSession, OpensNoChannelThatWasNotGranted) {
    Guest guest;
    guest.start();
    std::vector<std::byte> rings(64 * 1024);
    EXPECT_FALSE(guest.nic().open_channel(rings));
}

TEST(NicSession, HasUpTo64Channels) {
    Guest guest({.ring_data = 8192, .receive = 1024 * 1806, .spec = {.queues = 64}});
    guest.start();
    ASSERT_EQ(guest.request_channels(63), wire::NvspStatus::kSuccess);
    guest.open_channels();
    EXPECT_EQ(guest.nic().channels(), 64U);
    guest.sends_on = 63;
    guest.send_section(0, support::data_message(support::frame(60)), 5);
    guest.run();
    EXPECT_EQ(guest.status(5), wire::NvspStatus::kSuccess);
    EXPECT_EQ(guest.nic().counters_of(63).tx_packets, 1U);
}

TEST(NicSession, ClosingThePrimaryClosesAll) {
    Guest guest;
    guest.start();
    guest.request_channels(3);
    guest.open_channels();
    guest.nic().close();
    EXPECT_EQ(guest.nic().granted(), 0U);
    guest.start();
    EXPECT_EQ(guest.nic().channels(), 1U);
    EXPECT_EQ(guest.nic().granted(), 1U);
    EXPECT_EQ(guest.nic().violations().total(), 0U);
}

}  // namespace
}  // namespace vmbus
