#include "channel/doorbell.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <thread>

#include "base/unique_fd.hpp"

namespace vmbus::channel {
namespace {

class GuestDoorbellTest : public testing::Test {
protected:
    GuestDoorbellTest() {
        int ends[2];
        EXPECT_EQ(::pipe(ends), 0);
        kernel_.reset(ends[0]);
        uio_.reset(ends[1]);
    }
    std::uint32_t pending(std::size_t group) const {
        return monitor_->trigger[group].pending.load_relaxed();
    }

    std::unique_ptr<wire::MonitorPage> monitor_ = std::make_unique<wire::MonitorPage>();
    std::unique_ptr<wire::InterruptPage> interrupts_ = std::make_unique<wire::InterruptPage>();
    base::UniqueFd kernel_;
    base::UniqueFd uio_;
};

TEST_F(GuestDoorbellTest, EveryMonitorIdHasABitOfItsOwn) {
    for (std::uint32_t id = 0; id < wire::kMonitorBits; ++id) {
        auto doorbell = GuestDoorbell::monitored(*monitor_, static_cast<std::uint8_t>(id));
        ASSERT_TRUE(doorbell.is_monitored());
        ASSERT_EQ(pending(id / 32) & 1U << id % 32, 0U);
        doorbell.ring();
        ASSERT_NE(pending(id / 32) & 1U << id % 32, 0U);
    }
}

TEST_F(GuestDoorbellTest, RingingKeepsTheBitsOfOtherChannels) {
    monitor_->trigger[0].pending.store_relaxed(0b100);
    GuestDoorbell::monitored(*monitor_, 0).ring();
    EXPECT_EQ(pending(0), 0b101U);
}

TEST_F(GuestDoorbellTest, EventSetsTheGuestToHostBitAndWritesOneToTheKernel) {
    auto doorbell = GuestDoorbell::event(*interrupts_, 33, uio_.get());
    EXPECT_FALSE(doorbell.is_monitored());
    doorbell.ring();
    EXPECT_EQ(interrupts_->guest_to_host[1].load_relaxed(), 2U);
    EXPECT_EQ(interrupts_->host_to_guest[1].load_relaxed(), 0U);
    std::int32_t written = 0;
    ASSERT_EQ(::read(kernel_.get(), &written, sizeof written), 4);
    EXPECT_EQ(written, 1);
}

TEST_F(GuestDoorbellTest, AnotherProcessWritesToTheFileThatIsItsOwn) {
    constexpr int kTheirs = 4000;
    ASSERT_TRUE(GuestDoorbell::translate(kTheirs, uio_.get()));
    GuestDoorbell::event(*interrupts_, 1, kTheirs).ring();
    std::int32_t written = 0;
    ASSERT_EQ(::read(kernel_.get(), &written, sizeof written), 4);
    EXPECT_EQ(written, 1);
    EXPECT_TRUE(GuestDoorbell::translate(kTheirs, -1));
}

TEST_F(GuestDoorbellTest, AnotherProcessKnowsSoManyFilesAndNoMore) {
    int known = 0;
    while (GuestDoorbell::translate(5000 + known, uio_.get())) ++known;
    EXPECT_EQ(known, 32) << "as many as there are ports";
    EXPECT_TRUE(GuestDoorbell::translate(5000, uio_.get())) << "known already";
    while (known > 0) EXPECT_TRUE(GuestDoorbell::translate(5000 + --known, -1));
}

TEST_F(GuestDoorbellTest, TheLargestRelidIsInsideThePage) {
    // The page holds 512 words of bits a direction, more than there are relids.
    GuestDoorbell::event(*interrupts_, wire::kMaxRelid, uio_.get()).ring();
    EXPECT_EQ(interrupts_->guest_to_host[63].load_relaxed(), 1U << 31);
}

TEST_F(GuestDoorbellTest, NoBitIsLostBetweenGuestAndHost) {
    auto doorbell = GuestDoorbell::monitored(*monitor_, 5);
    int taken = 0;
    std::thread host([this, &taken] {
        for (int i = 0; i < 2000; ++i) {
            taken += (monitor_->trigger[0].pending.exchange_acquire(0) & 1U << 5) != 0;
        }
    });
    for (int i = 0; i < 2000; ++i) doorbell.ring();
    host.join();
    EXPECT_TRUE(taken > 0 || pending(0) != 0);
    EXPECT_EQ(pending(0) & ~(1U << 5), 0U);
}

}  // namespace
}  // namespace vmbus::channel
