#include "host/playback.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "support/guest.hpp"
#include "support/written_record.hpp"

namespace vmbus {
namespace {

using namespace support;
using namespace std::chrono_literals;
using host::Playback;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A record, and a guest that it is played to.
class PlaybackOf : public testing::Test {
protected:
    PlaybackOf() { record.opened(); }

    void play() {
        std::string why;
        recording = host::Recording::read(record.file(), why);
        ASSERT_NE(recording, nullptr) << why;
        playback.emplace(recording->nics[0], pace);
        ASSERT_TRUE(playback->opened());
    }
    void ask(const Bytes& packet, const Bytes& data = {}) {
        playback->asked(0, *host::parts_of(packet), data);
    }
    /// Ids of what is said a moment later.
    std::vector<std::uint64_t> said(std::size_t channels = 1) {
        test::pass(10ms);
        std::vector<std::uint64_t> ids;
        while (const auto* const due = playback->due(channels)) {
            ids.push_back(host::parts_of(due->packet)->descriptor.transaction_id);
            last = *due;
            playback->said();
        }
        return ids;
    }

    WrittenRecord record;
    host::PlaybackPace pace{test::fake_clock};
    std::shared_ptr<const host::Recording> recording;
    std::optional<Playback> playback;
    host::PlayedPacket last;
};

TEST_F(PlaybackOf, ARequestAnswersUnderTheIdOfThisGuest) {
    record.guest(in_band(1, init()));
    record.host(completion(1));
    play();
    EXPECT_THAT(said(), IsEmpty());
    ask(in_band(77, init()));
    EXPECT_THAT(said(), ElementsAre(77));
    EXPECT_TRUE(playback->at_goodbye());
    EXPECT_THAT(playback->differences(), IsEmpty());
}

TEST_F(PlaybackOf, AnotherRequestSaysWhatWasExpectedAndNothingMore) {
    record.guest(in_band(1, init()));
    record.host(completion(1));
    play();
    ask(in_band(1, rndis_packet()), query(1));
    EXPECT_THAT(said(), IsEmpty());
    EXPECT_TRUE(playback->lost());
    EXPECT_THAT(playback->differences(),
                ElementsAre("record 3: expected INIT, got QUERY OID_GEN_LINK_SPEED"));
}

TEST_F(PlaybackOf, RequestsInAnotherOrderAreWaitedFor) {
    record.guest(in_band(1, rndis_packet()), set_filter(1, 0xD));
    record.host(completion(1));
    record.guest(in_band(2, init()));
    record.host(completion(2));
    play();
    ask(in_band(10, init()));
    EXPECT_THAT(said(), IsEmpty());
    EXPECT_THAT(playback->waits_for(),
                HasSubstr("waits for SET OID_GEN_CURRENT_PACKET_FILTER of the guest, which sent "
                          "INIT"));
    ask(in_band(11, rndis_packet()), set_filter(5, 0xD));
    EXPECT_THAT(said(), ElementsAre(11, 10));
}

/// The reply of the host to a request, which says `value`.
Bytes reply_of(wire::RndisType type, std::uint32_t request, std::uint32_t value = 0) {
    Bytes reply(16);
    base::store_at(reply, 0, wire::RndisHeader{static_cast<std::uint32_t>(type), 16});
    base::store_at(reply, 8, request);
    base::store_at(reply, 12, value);
    return reply;
}

TEST_F(PlaybackOf, AQueryIsAnsweredWheneverItComesAndAsItLastWas) {
    record.guest(in_band(1, init()));
    for (const unsigned time : {1U, 2U}) {
        record.guest(in_band(10 + time, rndis_packet()), query(time));
        record.host(completion(10 + time, rndis_done()));
        record.host(transfer(time, 4096 * time, 16),
                    reply_of(wire::RndisType::kQueryComplete, time, time));
    }
    play();
    std::vector<std::uint32_t> values;
    for (const unsigned time : {1U, 2U, 3U}) {
        ask(in_band(70, rndis_packet()), query(50 + time));
        EXPECT_THAT(said(), ElementsAre(70, std::min(time, 2U)));
        EXPECT_EQ(base::load_at<std::uint32_t>(last.data, 8), 50 + time);
        values.push_back(base::load_at<std::uint32_t>(last.data, 12));
        playback->returned(std::min(time, 2U));
    }
    EXPECT_THAT(values, ElementsAre(1, 2, 2));
    EXPECT_THAT(playback->differences(), IsEmpty());
}

TEST_F(PlaybackOf, AQueryThatIsLeftOutIsADifference) {
    record.guest(in_band(1, rndis_packet()), query(1));
    record.closed();
    play();
    playback->closed();
    EXPECT_THAT(playback->differences(),
                ElementsAre("record 3: expected QUERY OID_GEN_LINK_SPEED, which the guest did not "
                            "ask"));
}

TEST_F(PlaybackOf, TheSameRequestWithOtherBytesIsNotedAndAnswered) {
    record.guest(in_band(1, init(wire::NvspVersion::kV61)));
    record.host(completion(1));
    play();
    ask(in_band(1, init(wire::NvspVersion::kV6)));
    EXPECT_THAT(said(), ElementsAre(1));
    EXPECT_THAT(playback->differences(),
                ElementsAre("record 3: INIT differs at byte 4: expected 0x01, got 0x00"));
}

TEST_F(PlaybackOf, RepliesHaveTheRequestIdAndTheReceiveBufferOfThisGuest) {
    const auto hand_over = [](std::uint16_t id) {
        return nvsp_message(wire::NvspType::kSendReceiveBuffer,
                            wire::NvspSendReceiveBuffer{0, 1, id, 0});
    };
    record.guest(in_band(1, hand_over(0xCAFE)));
    record.guest(in_band(2, rndis_packet()), set_filter(5, 0xD));
    record.host(transfer(3, 4096, 16), reply_of(wire::RndisType::kSetComplete, 5));
    play();
    ask(in_band(1, hand_over(0xBEEF)));
    ask(in_band(2, rndis_packet()), set_filter(42, 0xD));
    EXPECT_THAT(said(), ElementsAre(3));
    EXPECT_EQ(base::load_at<std::uint16_t>(last.packet, 16), 0xBEEF);
    EXPECT_EQ(base::load_at<std::uint32_t>(last.data, 8), 42U);
}

TEST_F(PlaybackOf, APieceIsNotFilledAgainBeforeTheGuestReturnsIt) {
    record.host(transfer(16, 4096, 100, 0), data_message(frame(60)));
    record.guest(completion(16));
    record.host(transfer(16, 4096, 100, 0), data_message(frame(60)));
    play();
    EXPECT_THAT(said(), ElementsAre(16));
    playback->returned(17);
    EXPECT_THAT(said(), IsEmpty());
    playback->returned(16);
    EXPECT_THAT(said(), ElementsAre(16));
}

TEST_F(PlaybackOf, FramesWhosePlaceTheGuestKeepsGoToAnother) {
    for (int i = 0; i < 2; ++i) {
        record.host(transfer(16, 4096, 100, 0), data_message(frame(60)));
    }
    play();
    EXPECT_THAT(said(), ElementsAre(16));
    EXPECT_THAT(said(), IsEmpty());
    test::pass(50ms);
    EXPECT_THAT(said(), ElementsAre(17));
    ASSERT_EQ(last.ranges.size(), 1U);
    EXPECT_EQ(last.ranges[0].byte_offset, 4196U);
    EXPECT_EQ(host::ranges_of(*host::parts_of(last.packet))[0].byte_offset, 4196U);
}

TEST_F(PlaybackOf, FramesComeNoSoonerThanTheGuestsFramesBeforeThemOrAfterASecond) {
    record.guest(in_band(1, rndis_packet(0)), data_message(frame(60)));
    record.host(completion(1, rndis_done()));
    record.host(transfer(16, 4096, 100, 0), data_message(frame(60)));
    record.guest(in_band(2, rndis_packet(0)), data_message(frame(60)));
    record.host(completion(2, rndis_done()));
    record.host(transfer(17, 8192, 100, 0), data_message(frame(60)));
    play();
    EXPECT_THAT(said(), IsEmpty());
    playback->sent(frame(60));
    EXPECT_THAT(said(), ElementsAre(16));
    test::pass(1010ms);
    EXPECT_THAT(said(), ElementsAre(17));
}

TEST_F(PlaybackOf, AFrameThatIsMissingAndOneTooManyAreCounted) {
    record.guest(in_band(1, rndis_packet(0)), data_message(frame(60, 1)));
    record.host(completion(1, rndis_done()));
    play();
    playback->sent(frame(60, 2));
    said();
    EXPECT_THAT(playback->differences(),
                ElementsAre(HasSubstr("of 1 frames that the recorded guest "
                                      "sent 1 are missing; it sent 1")));
}

TEST_F(PlaybackOf, ASubChannelIsGrantedWhenItWasOpened) {
    record.guest(in_band(1, init()));
    record.opened(1);
    record.host(in_band(9, init()), {}, 1);
    play();
    EXPECT_EQ(playback->channels(), 1U);
    ask(in_band(1, init()));
    EXPECT_THAT(said(), IsEmpty());
    EXPECT_EQ(playback->channels(), 2U);
    said(2);  // it is there
    EXPECT_THAT(said(2), ElementsAre(9));
}

TEST_F(PlaybackOf, AGuestThatClosesTooEarlySaysWhatItLeftOut) {
    record.guest(in_band(1, init()));
    record.closed();
    record.opened();
    record.host(in_band(5, init()));
    play();
    playback->closed();
    EXPECT_THAT(playback->differences(),
                ElementsAre("record 3: expected INIT, the guest closes the device"));
    ASSERT_TRUE(playback->opened());
    EXPECT_THAT(said(), ElementsAre(5));
    playback->closed();
    EXPECT_FALSE(playback->opened());
    EXPECT_TRUE(playback->lost());
}

TEST_F(PlaybackOf, ManyDifferencesAreCounted) {
    for (unsigned i = 0; i < 12; ++i) record.guest(in_band(i, init()));
    play();
    for (unsigned i = 0; i < 12; ++i) ask(in_band(i, init(wire::NvspVersion::kV5)));
    said();
    const auto differences = playback->differences();
    EXPECT_EQ(differences.size(), Playback::kMostDifferences + 1);
    EXPECT_EQ(differences.back(), "and 4 more");
}

}  // namespace
}  // namespace vmbus
