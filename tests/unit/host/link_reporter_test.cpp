#include "host/link_reporter.hpp"

#include <gtest/gtest.h>

namespace vmbus {
namespace {

using host::LinkReporter;
using namespace std::chrono_literals;

class LinkReporterOfPluggedCable : public testing::Test {
protected:
    std::optional<bool> at(std::chrono::milliseconds time) {
        return link.due(LinkReporter::Time(time));
    }
    LinkReporter link{true};
};

TEST_F(LinkReporterOfPluggedCable, SaysNothingUnasked) {
    EXPECT_FALSE(link.waits());
    EXPECT_EQ(at(0ms), std::nullopt);
}

TEST_F(LinkReporterOfPluggedCable, TellsFirstChangeAtOnceAndNextAfterFiveSeconds) {
    link.notify(false);
    link.notify(true);
    EXPECT_EQ(at(100ms), false);
    EXPECT_EQ(at(5099ms), std::nullopt);
    EXPECT_EQ(at(5100ms), true);
    EXPECT_FALSE(link.waits());
}

TEST_F(LinkReporterOfPluggedCable, ReportsWhereAWildFlapEnds) {
    for (int i = 0; i < 7; ++i) link.notify(i % 2 != 0);
    EXPECT_EQ(at(0ms), false);
    EXPECT_EQ(at(10s), std::nullopt);
    for (int i = 0; i < 8; ++i) link.notify(i % 2 == 0);
    EXPECT_EQ(at(20s), true);
    EXPECT_EQ(at(30s), false);
}

TEST_F(LinkReporterOfPluggedCable, TogglesWhenNothingChanged) {
    link.notify(true);
    EXPECT_EQ(at(0s), false);
    EXPECT_EQ(at(5s), true);
}

TEST_F(LinkReporterOfPluggedCable, RepetitionOfWhatWaitsIsNoNews) {
    link.notify(false);
    link.notify(false);
    EXPECT_EQ(at(0s), false);
    EXPECT_EQ(at(10s), std::nullopt);
}

}  // namespace
}  // namespace vmbus
