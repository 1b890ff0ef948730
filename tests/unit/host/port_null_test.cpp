#include "host/port_null.hpp"

#include <gtest/gtest.h>

#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

TEST(NullPort, SwallowsAndCountsWhatTheGuestSends) {
    Replay replay(test::fake_clock);
    NullPort port(replay);
    test::send(port, {test::frame_between(1, 2), test::frame_between(1, 2)});
    EXPECT_EQ(replay.flow().sent_by_guests, 2U);
    EXPECT_TRUE(test::take(port, 8).empty());
    EXPECT_TRUE(port.drops().empty());
}

}  // namespace
}  // namespace vmbus::host
