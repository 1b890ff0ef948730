// Two real network stacks talk through the distribution's driver.
#include "support/tap_story.hpp"

namespace vmbus::test {
namespace {

TEST_F(TapStory, PingTcpAndADownloadPassThroughTheDistributionsDriver) {
    expect_traffic_through(forwarder(Driver::kDistribution));
}

}  // namespace
}  // namespace vmbus::test
