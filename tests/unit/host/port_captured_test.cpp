#include "host/port_captured.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "host/pcap_reader.hpp"
#include "host/port_loop.hpp"
#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace test;

TEST(CapturedPort, WritesBothWaysAndPassesEverythingOn) {
    const ScratchFolder folder;
    const auto name = folder.file("x.pcapng");
    Replay replay{fake_clock};
    CapturedPort port(std::make_unique<LoopPort>(replay),
                      std::make_shared<PcapngWriter>(
                          name, base::UniqueFd(::open(name.c_str(), O_WRONLY | O_CREAT, 0600)),
                          std::vector<std::string>{"nic0"}),
                      0);
    send(port, {frame_between(1, 2)});
    EXPECT_EQ(take(port, 8), Frames{frame_between(1, 2)});
    port.guest_closed();
    std::string why;
    const auto frames = PcapFrames::load(name, why);
    ASSERT_TRUE(frames) << why;
    EXPECT_EQ(frames->size(), 2U) << "once from the guest, once to it";
}

}  // namespace
}  // namespace vmbus::host
