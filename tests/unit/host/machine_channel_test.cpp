#include "host/machine_channel.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace vmbus::host {
namespace {

class MachineChannelTest : public ::testing::Test {
protected:
    ~MachineChannelTest() override { std::filesystem::remove_all(tree_.root()); }
    std::unique_ptr<MachineChannel> make(bool monitored = true) {
        return MachineChannel::create(tree_, ids_, "rings", 16384, monitored).value();
    }
    static wire::RingPage& inbound(const MachineChannel& channel) {
        return *reinterpret_cast<wire::RingPage*>(channel.rings().data() + 16384);
    }
    bool file_exists() const { return std::filesystem::exists(tree_.root() + "/mem/rings"); }

    DeviceTree tree_ = DeviceTree::create().value();
    ChannelIds ids_;
};

TEST_F(MachineChannelTest, HasBothRingsInOneFile) {
    const auto channel = make();
    EXPECT_EQ(channel->rings().size(), 32768U);
    EXPECT_TRUE(file_exists());
}

TEST_F(MachineChannelTest, GivesFileAndNumbersBack) {
    const auto monitor_id = make()->node().monitor_id;
    EXPECT_FALSE(file_exists());
    EXPECT_EQ(make()->node().monitor_id, monitor_id);
}

TEST_F(MachineChannelTest, HasNoMonitorBitUnlessItIsMonitored) {
    EXPECT_TRUE(make()->node().monitor_id);
    EXPECT_FALSE(make(false)->node().monitor_id);
}

TEST_F(MachineChannelTest, AnEnabledInterruptIsAClearMask) {
    const auto channel = make();
    channel->set_mask(1);
    // relaxed: one thread.
    EXPECT_EQ(inbound(*channel).interrupt_mask.load_relaxed(), 1U);
    channel->enable_interrupts(true);
    EXPECT_EQ(inbound(*channel).interrupt_mask.load_relaxed(), 0U);
    channel->enable_interrupts(false);
    // relaxed: one thread.
    EXPECT_EQ(inbound(*channel).interrupt_mask.load_relaxed(), 1U);
}

TEST_F(MachineChannelTest, ItsMaskIsThatOfTheRingToTheGuest) {
    const auto channel = make();
    EXPECT_EQ(channel->mask(), 0U);
    // relaxed: one thread.
    inbound(*channel).interrupt_mask.store_relaxed(7);
    EXPECT_EQ(channel->mask(), 7U);
}

}  // namespace
}  // namespace vmbus::host
