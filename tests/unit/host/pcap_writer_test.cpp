#include "host/pcap_writer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <fstream>

#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace test;

base::UniqueFd open_file(const std::string& file) {
    return base::UniqueFd(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

void write(PcapWriter& writer, std::size_t first, std::size_t count) {
    for (std::size_t i = first; i < first + count; ++i) {
        const auto frame = make_frame(i);
        writer.write(std::as_bytes(std::span(frame)), 1'600'000'000'000'123);
    }
}

class PcapWriterTest : public testing::Test {
protected:
    ScratchFolder folder_;
    std::string path_ = folder_.file("out.pcap");
};

TEST_F(PcapWriterTest, WritesWhatLibpcapReads) {
    PcapWriter writer(path_, open_file(path_));
    write(writer, 0, 1000);  // more than the buffer holds
    writer.flush();
    make_pcap(folder_.file("expected"), 1000);
    EXPECT_EQ(compare_pcaps(folder_.file("expected"), path_), "");
    EXPECT_EQ(writer.written(), 1000U);
    EXPECT_EQ(writer.lost(), 0U);
}

TEST_F(PcapWriterTest, GoesOnAfterAFlush) {
    PcapWriter writer(path_, open_file(path_));
    write(writer, 0, 3);
    writer.flush();
    write(writer, 3, 3);
    writer.flush();
    make_pcap(folder_.file("expected"), 6);
    EXPECT_EQ(compare_pcaps(folder_.file("expected"), path_), "");
}

TEST_F(PcapWriterTest, AnEmptyCaptureIsAWholeFile) {
    PcapWriter writer(path_, open_file(path_));
    writer.flush();
    make_pcap(folder_.file("expected"), 0);
    EXPECT_EQ(compare_pcaps(folder_.file("expected"), path_), "");
}

TEST_F(PcapWriterTest, TheOldContentStaysUntilTheFirstFlush) {
    std::ofstream(path_) << std::string(100, 'x');
    PcapWriter writer(path_, open_file(path_));
    EXPECT_EQ(std::filesystem::file_size(path_), 100U);
    writer.flush();
    EXPECT_EQ(std::filesystem::file_size(path_), 24U);
}

TEST_F(PcapWriterTest, AFullDiskIsReportedOnceAndEveryFrameCounted) {
    PcapWriter writer("full", open_file("/dev/full"));
    write(writer, 0, 1000);
    writer.flush();
    EXPECT_EQ(writer.lost(), 1000U);
    EXPECT_EQ(writer.written(), 0U);
    EXPECT_EQ(writer.take_error(), "full: No space left on device; no more frames are written");
    write(writer, 0, 1);
    writer.flush();
    EXPECT_EQ(writer.lost(), 1001U);
    EXPECT_EQ(writer.take_error(), "");
}

}  // namespace
}  // namespace vmbus::host
