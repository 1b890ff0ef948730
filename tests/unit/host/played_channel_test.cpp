#include "host/played_channel.hpp"

#include <gtest/gtest.h>

#include "support/flat_ring.hpp"
#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Violation;

/// One channel, and the guest at its other end.
class PlayedChannelTest : public testing::Test {
protected:
    std::uint32_t mask() { return from_guest.page().interrupt_mask.load_relaxed(); }

    host::NicSpec spec;
    host::SharedBuffers buffers;
    support::FakePort port;
    support::CountingInterrupt interrupt;
    const bool link_up = true;
    const std::uint64_t speed = 0;
    const host::VirtualFunction vf{};
    host::FaultEngine faults;
    host::ViolationLog violations;
    host::NicCounters nic_counters;
    host::Counters counters;
    support::FlatRing from_guest{4096};
    support::FlatRing to_guest{4096};
    host::ReceiveBuffer receive;
    host::PlayedChannel channel{{.spec = spec,
                                 .buffers = buffers,
                                 .port = port,
                                 .interrupt = interrupt,
                                 .link_up = link_up,
                                 .link_speed = speed,
                                 .vf = vf,
                                 .faults = faults,
                                 .violations = violations,
                                 .counters = nic_counters,
                                 .channels = {},
                                 .clock = std::chrono::steady_clock::now},
                                0,
                                {from_guest.view(), to_guest.view()},
                                receive,
                                counters};
    ring::Writer writer{from_guest.view(), ring::Publication::kSingle};
    ring::PacketView view;
};

TEST_F(PlayedChannelTest, HandsOverWhatTheGuestSent) {
    EXPECT_FALSE(channel.next(view));
    support::send(writer, support::frame(16), 7);
    ASSERT_TRUE(channel.next(view));
    EXPECT_EQ(view.transaction_id(), 7U);
    EXPECT_FALSE(channel.next(view));
}

TEST_F(PlayedChannelTest, ArmedItReadsNothingUntilItIsWoken) {
    EXPECT_EQ(mask(), 1U);
    EXPECT_TRUE(channel.arm());
    EXPECT_EQ(mask(), 0U);
    support::send(writer, support::frame(16), 7);
    EXPECT_FALSE(channel.next(view));
    channel.wake();
    EXPECT_TRUE(channel.next(view));
    EXPECT_EQ(mask(), 1U);
}

TEST_F(PlayedChannelTest, IsNotArmedWhileSomethingLiesThere) {
    support::send(writer, support::frame(16), 7);
    EXPECT_FALSE(channel.arm());
    EXPECT_TRUE(channel.next(view));
}

TEST_F(PlayedChannelTest, ARingThatCannotBeReadIsCountedAndLeftAlone) {
    from_guest.page().in.store_relaxed(12345);  // relaxed: one thread.
    EXPECT_FALSE(channel.next(view));
    EXPECT_TRUE(channel.is_dead());
    EXPECT_EQ(violations.count(Violation::kRingBadWriteIndex), 1U);
    EXPECT_TRUE(channel.arm());
    EXPECT_FALSE(channel.end_turn());
}

}  // namespace
}  // namespace vmbus
