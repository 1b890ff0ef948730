#include "host/signal_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "channel/doorbell.hpp"

namespace vmbus::host {
namespace {

class SignalWatchTest : public ::testing::Test {
protected:
    std::vector<std::uint32_t> taken() {
        std::vector<std::uint32_t> ids;
        watch_.take_monitored([&](std::uint32_t id) { ids.push_back(id); });
        return ids;
    }

    std::unique_ptr<wire::MonitorPage> monitor_ = std::make_unique<wire::MonitorPage>();
    std::unique_ptr<wire::InterruptPage> interrupts_ = std::make_unique<wire::InterruptPage>();
    SignalWatch watch_{*monitor_, *interrupts_};
};

TEST_F(SignalWatchTest, SeesTheBitsThatGuestsSet) {
    for (const std::uint8_t id : std::initializer_list<std::uint8_t>{0, 31, 32, 127}) {
        channel::GuestDoorbell::monitored(*monitor_, id).ring();
    }
    EXPECT_THAT(taken(), ::testing::ElementsAre(0, 31, 32, 127));
}

TEST_F(SignalWatchTest, TakesEachBitOnce) {
    channel::GuestDoorbell::monitored(*monitor_, 7).ring();
    EXPECT_THAT(taken(), ::testing::ElementsAre(7));
    EXPECT_THAT(taken(), ::testing::IsEmpty());
}

TEST_F(SignalWatchTest, ClearsOnlyTheEventOfThatChannel) {
    // relaxed: one thread.
    interrupts_->guest_to_host[1].store_relaxed(0b110);
    watch_.clear_event(33);
    EXPECT_EQ(interrupts_->guest_to_host[1].load_relaxed(), 0b100U);
}

}  // namespace
}  // namespace vmbus::host
