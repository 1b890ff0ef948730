#include "channel/channel.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "support/flat_ring.hpp"
#include "support/recording_doorbell.hpp"

namespace vmbus::channel {
namespace {

using ring::Publication;
using ring::ReserveStatus;
using support::blob;
using support::RecordingDoorbell;

/// Guest and host at the two ends of a pair of rings.
class ChannelTest : public testing::Test {
protected:
    using Channel = BasicChannel<RecordingDoorbell>;

    support::FlatRing to_host_;
    support::FlatRing to_guest_;
    RecordingDoorbell guest_bell_;
    RecordingDoorbell host_bell_;
    Channel guest_{to_host_.view(), to_guest_.view(), Publication::kOrdered, guest_bell_};
    Channel host_{to_guest_.view(), to_host_.view(), Publication::kSingle, host_bell_};
};

TEST_F(ChannelTest, RequestAndCompletionMeet) {
    ASSERT_EQ(guest_.send_in_band(blob(40), 99, true), ReserveStatus::kOk);
    const auto request = support::receive(host_.rx());
    ASSERT_TRUE(request);
    EXPECT_EQ(request->type, wire::PacketType::kInBand);
    EXPECT_TRUE(request->completion_requested);
    EXPECT_EQ(request->payload, blob(40));
    ASSERT_EQ(host_.send_completion(blob(8), request->transaction_id), ReserveStatus::kOk);
    const auto reply = support::receive(guest_.rx());
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->type, wire::PacketType::kCompletion);
    EXPECT_EQ(reply->transaction_id, 99U);
    EXPECT_FALSE(reply->completion_requested);
}

TEST_F(ChannelTest, RingsOnceWhenTheRingBecomesNonEmpty) {
    guest_.send_in_band({}, 1, false);
    guest_.send_in_band({}, 2, false);
    EXPECT_EQ(guest_bell_.rings(), 1);
    EXPECT_EQ(guest_.signals(), 1U);
    EXPECT_EQ(host_bell_.rings(), 0);
}

TEST_F(ChannelTest, APollingReceiverIsNotRungFor) {
    host_.rx().mask();
    guest_.send_in_band({}, 1, false);
    EXPECT_EQ(guest_bell_.rings(), 0);
}

TEST_F(ChannelTest, ReleaseRingsASenderThatWaitsForRoom) {
    while (guest_.send_in_band(blob(1000), 0, false) == ReserveStatus::kOk) {
    }
    ASSERT_TRUE(guest_.tx().ask_for_room(1024));
    ASSERT_TRUE(support::receive(host_.rx()));
    EXPECT_EQ(host_bell_.rings(), 0);
    host_.release_received();
    EXPECT_EQ(host_bell_.rings(), 1);
    EXPECT_EQ(guest_.send_in_band(blob(1000), 0, false), ReserveStatus::kOk);
}

TEST_F(ChannelTest, ReleaseRingsNobodyElse) {
    guest_.send_in_band({}, 1, false);
    ASSERT_TRUE(support::receive(host_.rx()));
    host_.release_received();
    EXPECT_EQ(host_bell_.rings(), 0);
}

TEST_F(ChannelTest, NothingIsSentIntoAFullRing) {
    EXPECT_EQ(guest_.send_in_band(blob(4000), 1, false), ReserveStatus::kOk);
    EXPECT_EQ(guest_.send_in_band(blob(100), 2, false), ReserveStatus::kFull);
    EXPECT_EQ(guest_.send_in_band(blob(4096), 3, false), ReserveStatus::kTooLarge);
    EXPECT_TRUE(support::receive(host_.rx()));
    EXPECT_FALSE(support::receive(host_.rx()));
}

TEST_F(ChannelTest, AHostThatOnlyMovesWhenRungMissesNothing) {
    constexpr std::uint64_t kCount = 3000;
    std::thread sender([this] {
        for (std::uint64_t id = 0; id < kCount;) {
            if (guest_.send_in_band(blob(id % 64), id, false) == ReserveStatus::kOk) {
                ++id;
            } else {
                std::this_thread::yield();
            }
        }
    });
    std::uint64_t next = 0;
    for (int seen = 0; next < kCount;) {
        while (guest_bell_.rings() == seen) std::this_thread::yield();
        seen = guest_bell_.rings();
        do {
            while (const auto packet = support::receive(host_.rx())) {
                EXPECT_EQ(packet->transaction_id, next++);
            }
            host_.release_received();
        } while (host_.rx().unmask_and_recheck());
    }
    sender.join();
}

}  // namespace
}  // namespace vmbus::channel
