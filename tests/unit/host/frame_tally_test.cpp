#include "host/frame_tally.hpp"

#include <gtest/gtest.h>

#include "support/guest.hpp"

namespace vmbus {
namespace {

using support::frame;

host::FrameTally tally_of(const std::vector<support::Message>& frames) {
    host::FrameTally tally;
    for (const auto& bytes : frames) tally.add(bytes);
    return tally;
}

TEST(FrameTally, IsTheSameInAnyOrder) {
    const auto one = tally_of({frame(60, 1), frame(60, 2), frame(60, 1)});
    const auto other = tally_of({frame(60, 1), frame(60, 1), frame(60, 2)});
    EXPECT_EQ(one.not_in(other) + other.not_in(one), 0U);
    EXPECT_EQ(one.total(), 3U);
}

TEST(FrameTally, CountsWhatIsMissingAndWhatIsTooMany) {
    const auto one = tally_of({frame(60, 1), frame(60, 1), frame(60, 2)});
    const auto other = tally_of({frame(60, 1), frame(61, 2)});
    EXPECT_EQ(one.not_in(other), 2U);
    EXPECT_EQ(other.not_in(one), 1U);
}

}  // namespace
}  // namespace vmbus
