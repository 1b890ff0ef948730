#include "host/channels_together.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace vmbus::host {
namespace {

struct Channel {
    bool arm() noexcept {
        armed = !busy;
        return armed;
    }
    void wake() noexcept { armed = false; }
    bool is_dead() const noexcept { return dead; }

    bool busy = false;
    bool armed = false;
    bool dead = false;
};

class ChannelsTogether : public testing::Test {
protected:
    ChannelsTogether() {
        for (int i = 0; i < 3; ++i) channels.push_back(std::make_unique<Channel>());
    }
    std::vector<bool> armed() const {
        std::vector<bool> all;
        for (const auto& channel : channels) all.push_back(channel->armed);
        return all;
    }
    std::vector<std::unique_ptr<Channel>> channels;
};

TEST_F(ChannelsTogether, AreArmedAllOrItIsSaid) {
    EXPECT_TRUE(arm_all(channels));
    channels[0]->busy = true;
    EXPECT_FALSE(arm_all(channels));
    EXPECT_EQ(armed(), (std::vector{false, true, true})) << "the others none the less";
}

TEST_F(ChannelsTogether, AreWokenAllOrOne) {
    arm_all(channels);
    wake_one(channels, 1);
    EXPECT_EQ(armed(), (std::vector{true, false, true}));
    wake_one(channels, 3);
    EXPECT_EQ(armed(), (std::vector{true, false, true})) << "there is none";
    wake_all(channels);
    EXPECT_EQ(armed(), (std::vector{false, false, false}));
}

TEST_F(ChannelsTogether, OneThatIsDeadIsEnough) {
    EXPECT_FALSE(is_any_dead(channels));
    channels[2]->dead = true;
    EXPECT_TRUE(is_any_dead(channels));
}

}  // namespace
}  // namespace vmbus::host
