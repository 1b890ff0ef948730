#include "host/recording.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/guest.hpp"
#include "support/written_record.hpp"

namespace vmbus {
namespace {

using namespace support;
using host::Recording;
using testing::HasSubstr;

/// The reason why a record is refused.
std::string refusal(WrittenRecord& record) {
    std::string why;
    EXPECT_EQ(Recording::read(record.file(), why), nullptr);
    return why;
}
std::shared_ptr<const Recording> read(WrittenRecord& record) {
    std::string why;
    auto recording = Recording::read(record.file(), why);
    EXPECT_NE(recording, nullptr) << why;
    return recording;
}

TEST(Recording, HasTheNicsAsTheyWereButForTheirPorts) {
    WrittenRecord record("port=pcap:in=/nowhere/a.pcap,mtu=9000,nvsp=5");
    record.opened();
    const auto recording = read(record);
    ASSERT_EQ(recording->nics.size(), 1U);
    EXPECT_EQ(recording->nics[0].spec.mtu, 9000U);
    EXPECT_EQ(recording->nics[0].spec.nvsp, wire::NvspVersion::kV5);
    EXPECT_TRUE(std::holds_alternative<host::NullPortSpec>(recording->nics[0].spec.port));
}

TEST(Recording, KeepsRequestsApartFromQueriesAndTalliesFrames) {
    WrittenRecord record;
    record.opened();
    record.guest(in_band(1, init()));
    record.host(completion(1, init()));
    record.guest(in_band(5, rndis_packet()), query(1));
    record.host(completion(5, rndis_done()));
    record.guest(in_band(2, rndis_packet(0)), data_message(frame(60)) + data_message(frame(61)));
    record.host(completion(2, rndis_done()));
    record.guest(completion(16));
    record.closed();
    const auto recording = read(record);
    EXPECT_EQ(recording->nics[0].steps.size(), 4U);
    ASSERT_EQ(recording->nics[0].answers.size(), 1U);
    EXPECT_EQ(recording->nics[0].answers.begin()->second.size(), 1U);
    EXPECT_EQ(recording->nics[0].frames.total(), 2U);
    EXPECT_EQ(recording->guest_frames, 2U);
}

TEST(Recording, TheGoodbyeIsWhatFollowsTheLastThingThatWasBegun) {
    WrittenRecord record;
    record.opened();                                               // 0
    record.guest(in_band(1, rndis_packet()), set_filter(1, 0));    // 1: and it goes on
    record.guest(in_band(2, rndis_packet()), set_filter(2, 0xD));  // 2
    record.guest(in_band(3, rndis_packet()), set_filter(3, 0));    // 3
    record.guest(in_band(4, rndis_packet()), query(4));            // 4
    record.closed();
    EXPECT_EQ(read(record)->nics[0].goodbye, 3U);
}

TEST(Recording, WithoutAGoodbyeTheClosingIsIt) {
    WrittenRecord record;
    record.opened();
    record.guest(in_band(1, init()));
    record.closed();
    EXPECT_EQ(read(record)->nics[0].goodbye, 2U);
}

TEST(Recording, RefusesWhatTheHostSaidInPartOnly) {
    WrittenRecord record;
    record.opened();
    record.host(transfer(16, 0, 300'000, 0), Bytes(300'000));
    EXPECT_THAT(refusal(record), HasSubstr("record 3: "));
}

TEST(Recording, RefusesFramesThatWereNotCompletedWithSuccess) {
    WrittenRecord record;
    record.opened();
    record.guest(in_band(2, rndis_packet(0)), data_message(frame(60)));
    record.host(completion(2, rndis_done(wire::NvspStatus::kFailure)));
    EXPECT_THAT(refusal(record), HasSubstr("record 4: frames were not completed with SUCCESS"));
}

TEST(Recording, RefusesANicThatCameWhileTheGuestRan) {
    WrittenRecord record;
    record.opened();
    record.recorder().nic(1, "port=null");
    EXPECT_THAT(refusal(record), HasSubstr("record 3: a NIC is offered while the guest runs"));
}

TEST(Recording, RefusesWhatIsOutOfPlace) {
    WrittenRecord unopened;
    unopened.guest(in_band(1, init()));
    EXPECT_THAT(refusal(unopened), HasSubstr("record 2: a packet on a channel that is not open"));
    WrittenRecord skipped;
    skipped.opened(1);
    EXPECT_THAT(refusal(skipped), HasSubstr("record 2: a channel is opened out of turn"));
    WrittenRecord nameless("");
    nameless.opened();
    EXPECT_THAT(refusal(nameless), HasSubstr("record 1: of a NIC or a channel"));
    WrittenRecord nonsense("port=teapot");
    EXPECT_THAT(refusal(nonsense), HasSubstr("record 1: no NIC: "));
}

TEST(Recording, RefusesPacketsThatNoRingHolds) {
    for (const std::size_t bytes : {8U, 20U, 20'000U}) {
        WrittenRecord record("port=null,ring=16K");
        record.opened();
        record.host(Bytes(bytes));
        EXPECT_THAT(refusal(record), HasSubstr("record 3: no packet of this ring")) << bytes;
    }
}

TEST(Recording, RefusesAFileThatIsEmptyTornOrNone) {
    WrittenRecord empty;
    EXPECT_THAT(refusal(empty), HasSubstr("nobody says anything"));
    WrittenRecord torn;
    torn.opened();
    torn.guest(in_band(1, init()));
    std::filesystem::resize_file(torn.file(), std::filesystem::file_size(torn.file()) - 3);
    EXPECT_THAT(refusal(torn), HasSubstr(torn.file() + ": "));
    const test::ScratchFolder folder;
    std::ofstream(folder.file("text")) << "no record at all, but long enough to look at";
    std::string why;
    EXPECT_EQ(Recording::read(folder.file("text"), why), nullptr);
    EXPECT_NE(why, "");
    EXPECT_EQ(Recording::read("/nowhere/session.record", why), nullptr);
    EXPECT_THAT(why, HasSubstr("/nowhere/session.record"));
}

}  // namespace
}  // namespace vmbus
