// The test support itself: a comparison that finds nothing must be one that could.
#include "support/pcap_maker.hpp"

#include <gtest/gtest.h>

#include <set>

#include "support/port_driver.hpp"

namespace vmbus::test {
namespace {

class PcapMakerTest : public testing::Test {
protected:
    std::string compare(const Frames& left, const Frames& right) {
        write_pcap(folder_.file("l"), left);
        write_pcap(folder_.file("r"), right);
        return compare_pcaps(folder_.file("l"), folder_.file("r"));
    }

    ScratchFolder folder_;
};

TEST_F(PcapMakerTest, FramesGoThroughEveryLengthAndAllDiffer) {
    std::set<std::size_t> lengths;
    std::set<FrameBytes> frames;
    for (std::size_t i = 0; i < 3000; ++i) {
        const auto frame = make_frame(i);
        lengths.insert(frame.size());
        frames.insert(frame);
    }
    EXPECT_EQ(lengths.size(), 1514U - 60U + 1U);
    EXPECT_EQ(frames.size(), 3000U);
}

TEST_F(PcapMakerTest, IsTheSameEachTimeAndOtherInOtherFlavours) {
    EXPECT_EQ(make_frame(5), make_frame(5));
    EXPECT_NE(make_frame(5), make_frame(5, 1));
}

TEST_F(PcapMakerTest, TheComparisonFindsAByteAnOrderALengthANumber) {
    const FrameBytes a(60, 1);
    FrameBytes b = a;
    b[59] = 2;
    EXPECT_EQ(compare({a, b}, {a, b}), "");
    EXPECT_EQ(compare({a, b}, {a, a}), "frame 2 differs at byte 59");
    EXPECT_EQ(compare({a, b}, {b, a}), "frame 1 differs at byte 59");
    EXPECT_EQ(compare({a}, {FrameBytes(61, 1)}), "frame 1 has 60 and 61 bytes");
    EXPECT_EQ(compare({a, b}, {a}), "2 and 1 frames");
    EXPECT_NE(compare_pcaps(folder_.file("l"), folder_.file("none")), "");
}

}  // namespace
}  // namespace vmbus::test
