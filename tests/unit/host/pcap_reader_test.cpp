#include "host/pcap_reader.hpp"

#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <cstring>
#include <fstream>

#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace test;

/// Builds capture files out of words, the sound ones and the others.
class PcapReaderTest : public testing::Test {
protected:
    static std::string words(std::initializer_list<std::uint32_t> values) {
        std::string text;
        for (const std::uint32_t value : values) {
            text.append(reinterpret_cast<const char*>(&value), sizeof value);
        }
        return text;
    }
    static std::string header(std::uint32_t magic = 0xA1B2C3D4, std::uint32_t link = 1) {
        return words({magic, 0x00040002, 0, 0, 65535, link});
    }
    static std::string record(std::uint32_t captured, std::uint32_t length) {
        return words({1, 2, captured, length}) + std::string(captured, 'x');
    }
    std::string file_of(const std::string& bytes) {
        std::ofstream(path_, std::ios::binary) << bytes;
        return path_;
    }
    std::size_t frames_in(const std::string& bytes) {
        const auto frames = PcapFrames::load(file_of(bytes), why_);
        return frames ? frames->size() : SIZE_MAX;
    }
    void expect_refused(const std::string& bytes, const std::string& reason) {
        EXPECT_EQ(frames_in(bytes), SIZE_MAX);
        EXPECT_EQ(why_.rfind(path_ + ": ", 0), 0U) << why_;
        EXPECT_NE(why_.find(reason), std::string::npos) << why_;
        EXPECT_EQ(why_.find('\n'), std::string::npos) << why_;
    }

    ScratchFolder folder_;
    std::string path_ = folder_.file("a.pcap");
    std::string why_;
};

TEST_F(PcapReaderTest, HoldsEveryFrameInOrder) {
    make_pcap(path_, 50);
    const auto frames = PcapFrames::load(path_, why_);
    ASSERT_TRUE(frames) << why_;
    ASSERT_EQ(frames->size(), 50U);
    for (std::size_t i = 0; i < 50; ++i) {
        const auto expected = make_frame(i);
        ASSERT_EQ((*frames)[i].size(), expected.size());
        EXPECT_EQ(std::memcmp((*frames)[i].data(), expected.data(), expected.size()), 0);
    }
}

TEST_F(PcapReaderTest, TakesMicrosecondsNanosecondsAndForeignByteOrder) {
    EXPECT_EQ(frames_in(header(0xA1B2C3D4) + record(60, 60)), 1U);
    EXPECT_EQ(frames_in(header(0xA1B23C4D) + record(60, 60)), 1U);
    EXPECT_EQ(frames_in(words({0xD4C3B2A1, 0x04000200, 0, 0, 0xFFFF0000, 0x01000000})), 0U);
}

TEST_F(PcapReaderTest, TakesPcapng) {
    const std::string section = words({0x0A0D0D0A, 28, 0x1A2B3C4D, 1, ~0U, ~0U, 28});
    const std::string interface = words({1, 20, 1, 65535, 20});
    const std::string packet =
        words({6, 32 + 60, 0, 0, 1, 60, 60}) + std::string(60, 'x') + words({32 + 60});
    EXPECT_EQ(frames_in(section + interface + packet), 1U) << why_;
}

TEST_F(PcapReaderTest, RefusesWhatIsNotACapture) {
    expect_refused("", "truncated");
    expect_refused("hello, this is not a capture file", "unknown file format");
}

TEST_F(PcapReaderTest, RefusesOtherLinkTypes) {
    expect_refused(header(0xA1B2C3D4, 101), "not Ethernet");
}

TEST_F(PcapReaderTest, RefusesAFileThatEndsWithinAFrame) {
    const auto whole = header() + record(60, 60) + record(60, 60);
    expect_refused(whole.substr(0, whole.size() - 1), "truncated");
}

TEST_F(PcapReaderTest, RefusesFramesThatWereCutOff) {
    expect_refused(header() + record(60, 60) + record(60, 1514), "frame 2 is cut off: 60 of 1514");
}

TEST_F(PcapReaderTest, RefusesLengthsThatNoNicCarries) {
    expect_refused(header() + record(13, 13), "frame 1 has 13 bytes");
    expect_refused(header() + record(9221, 9221), "frame 1 has 9221 bytes");
}

TEST_F(PcapReaderTest, RefusesWhatIsNotARegularFile) {
    EXPECT_FALSE(PcapFrames::load(folder_.file("."), why_));
    EXPECT_NE(why_.find("not a regular file"), std::string::npos) << why_;
    EXPECT_FALSE(PcapFrames::load(folder_.file("missing"), why_));
    EXPECT_NE(why_.find("No such file"), std::string::npos) << why_;
    EXPECT_FALSE(PcapFrames::load("-", why_));
}

}  // namespace
}  // namespace vmbus::host
