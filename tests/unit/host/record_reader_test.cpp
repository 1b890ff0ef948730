#include "host/record_reader.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "host/recorder.hpp"
#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace test;

TEST(RecordReader, RefusesACaptureOfFrames) {
    const ScratchFolder folder;
    make_pcap(folder.file("frames.pcap"), 3);
    std::string why;
    EXPECT_EQ(RecordReader::open(folder.file("frames.pcap"), why), nullptr);
    EXPECT_NE(why.find("no record"), std::string::npos);
}

TEST(RecordReader, SaysThatAFileEndsInTheMiddle) {
    const ScratchFolder folder;
    const auto path = folder.file("session.record");
    std::string why;
    {
        const auto recorder = Recorder::create(path, why);
        recorder->opened({});
        recorder->opened({});
    }
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 3);
    const auto reader = RecordReader::open(path, why);
    EXPECT_TRUE(reader->next());
    EXPECT_FALSE(reader->next());
    EXPECT_NE(reader->error(), "");
}

TEST(RecordReader, SaysWhichRecordIsNone) {
    const ScratchFolder folder;
    const auto path = folder.file("session.record");
    std::string why;
    {
        const auto recorder = Recorder::create(path, why);
        recorder->opened({});
        recorder->begin_packet(0);
        recorder->end_packet(static_cast<RecordKind>(77), {});
    }
    const auto reader = RecordReader::open(path, why);
    EXPECT_TRUE(reader->next());
    EXPECT_FALSE(reader->next());
    EXPECT_NE(reader->error().find("record 2"), std::string::npos);
}

}  // namespace
}  // namespace vmbus::host
