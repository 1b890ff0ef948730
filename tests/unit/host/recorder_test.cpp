#include "host/recorder.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "host/record_reader.hpp"
#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace test;

std::string text_of(base::Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class RecorderTest : public testing::Test {
protected:
    void record(const std::function<void(Recorder&)>& what) {
        std::string why;
        const auto recorder = Recorder::create(path_, why);
        ASSERT_NE(recorder, nullptr) << why;
        what(*recorder);
        EXPECT_EQ(recorder->take_error(), "");
    }
    std::unique_ptr<RecordReader> read() {
        std::string why;
        auto reader = RecordReader::open(path_, why);
        EXPECT_NE(reader, nullptr) << why;
        return reader;
    }
    static void packet(Recorder& recorder, std::string_view bytes, std::size_t data_bytes) {
        const auto room = recorder.begin_packet(static_cast<std::uint32_t>(bytes.size()));
        std::memcpy(room.data(), bytes.data(), bytes.size());
        const std::vector<std::byte> data(data_bytes, std::byte{'d'});
        recorder.add_data(data);
        recorder.end_packet(RecordKind::kToGuest, {.nic = 1, .channel = 2});
    }

    ScratchFolder folder_;
    std::string path_ = folder_.file("session.record");
};

TEST_F(RecorderTest, WritesWhatTheReaderReads) {
    record([](Recorder& recorder) {
        recorder.nic(1, "port=null");
        recorder.opened({.nic = 1, .channel = 2});
        packet(recorder, "packet", 3);
    });
    const auto reader = read();
    EXPECT_EQ(text_of(reader->next()->packet), "port=null");
    EXPECT_EQ(reader->next()->kind, RecordKind::kOpened);
    const auto last = reader->next();
    ASSERT_TRUE(last);
    EXPECT_EQ(last->kind, RecordKind::kToGuest);
    EXPECT_EQ(last->place.channel, 2);
    EXPECT_EQ(text_of(last->packet), "packet");
    EXPECT_EQ(text_of(last->data), "ddd");
    EXPECT_FALSE(reader->next());
    EXPECT_EQ(reader->error(), "");
}

TEST_F(RecorderTest, CutsDataThatNoReaderWouldTake) {
    record([](Recorder& recorder) {
        packet(recorder, "packet", kMostRecordBytes);
        packet(recorder, "next", 0);
    });
    const auto reader = read();
    const auto cut = reader->next();
    ASSERT_TRUE(cut);
    EXPECT_EQ(cut->data.size(), kMostRecordBytes - sizeof(RecordHeader) - 6);
    EXPECT_EQ(cut->data_cut_off, sizeof(RecordHeader) + 6);
    EXPECT_EQ(text_of(reader->next()->packet), "next");
}

TEST_F(RecorderTest, KeepsTimesInOrder) {
    record([](Recorder& recorder) {
        recorder.opened({});
        recorder.closed({});
    });
    const auto reader = read();
    const auto first = reader->next()->time_ns;
    EXPECT_GT(first, 1'600'000'000'000'000'000U);
    EXPECT_GE(reader->next()->time_ns, first);
}

TEST(Recorder, SaysWhyAFileCannotBeMade) {
    std::string why;
    EXPECT_EQ(Recorder::create("/nowhere/at/all", why), nullptr);
    EXPECT_NE(why.find("/nowhere/at/all"), std::string::npos);
}

TEST(Recorder, SaysOnceThatTheDiskIsFull) {
    std::string why;
    const auto recorder = Recorder::create("/dev/full", why);
    ASSERT_NE(recorder, nullptr) << why;
    for (int i = 0; i < 100'000 && recorder->written() == static_cast<std::uint64_t>(i); ++i) {
        recorder->opened({});
    }
    EXPECT_NE(recorder->take_error().find("/dev/full"), std::string::npos);
    EXPECT_EQ(recorder->take_error(), "");
}

}  // namespace
}  // namespace vmbus::host
