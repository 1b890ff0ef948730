// A real network stack as the peer: the stock testpmd with our driver between two tap devices.
#include "support/tap_story.hpp"

namespace vmbus::test {
namespace {

TEST_F(TapStory, PingTcpAndADownloadPassThroughTestpmdWithOurDriver) {
    expect_traffic_through(testpmd());
}

}  // namespace
}  // namespace vmbus::test
