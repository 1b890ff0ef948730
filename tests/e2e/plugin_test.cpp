// What the tools around DPDK see of the plugin, and that the demo's comparison is one.
#include <gtest/gtest.h>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/pcap_maker.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

std::string output_of(const std::vector<std::string>& command, int status = 0) {
    Child program(command);
    EXPECT_EQ(program.wait(20s), status) << program.output();
    return program.output();
}

TEST(Plugin, PmdInfoShowsDriverParametersAndKernelModule) {
    const auto text = output_of({"dpdk-pmdinfo.py", plugin()});
    for (const char* word : {"net_netvsc", "tx_copybreak", "uio_hv_generic"}) {
        EXPECT_NE(text.find(word), std::string::npos) << text;
    }
}

TEST(Plugin, WithoutItTestpmdFindsNoPort) {
    // The distribution's driver is there, and testpmd of this release does not forward on it.
    auto guest = testpmd();
    *std::find(guest.begin(), guest.end(), plugin()) = "/nowhere/librte_net_netvsc_uio.so";
    Child host(HostRun{.nics = {"port=null", "port=null"}, .guest = guest}.command());
    EXPECT_NE(host.wait(20s).value_or(0), 0);
    EXPECT_NE(host.output().find("/nowhere/"), std::string::npos) << host.output();
}

class ComparePcaps : public ::testing::Test {
protected:
    ComparePcaps() { write_pcap(folder_.path("in.pcap"), frames_); }

    std::string compare(const Frames& came_out, int status) {
        write_pcap(folder_.path("out.pcap"), came_out);
        return output_of({std::string(SOURCE_ROOT) + "/tools/compare-pcaps",
                          folder_.path("in.pcap"), folder_.path("out.pcap")},
                         status);
    }

    TemporaryFolder folder_;
    Frames frames_ = {make_frame(0), make_frame(1), make_frame(2)};
};

TEST_F(ComparePcaps, CountsEqualFrames) {
    EXPECT_EQ(compare(frames_, 0), "3\n");
}

TEST_F(ComparePcaps, FindsAChangedByte) {
    frames_[1][20] ^= 1;
    EXPECT_NE(compare(frames_, 1).find("frame 2 differs at byte 20"), std::string::npos);
}

TEST_F(ComparePcaps, FindsALostFrame) {
    frames_.pop_back();
    EXPECT_NE(compare(frames_, 1).find("3 frames went in, 2 came out"), std::string::npos);
}

TEST_F(ComparePcaps, FindsFramesOutOfOrder) {
    std::swap(frames_[0], frames_[1]);
    EXPECT_NE(compare(frames_, 1).find("frame 1 differs"), std::string::npos);
}

}  // namespace
}  // namespace vmbus::test
