#include "host/played_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "host/recorder.hpp"
#include "support/guest.hpp"
#include "support/port_driver.hpp"

namespace vmbus {
namespace {

using namespace support;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

/// What a guest does is recorded with one NIC and played to another guest with the next.
class PlayedSessionTest : public testing::Test {
protected:
    template <class Story>
    void record(Story story) {
        std::string why;
        {
            const auto recorder = host::Recorder::create(path, why);
            recorder->nic(0, "port=null");
            Guest guest;
            guest.nic().set_recorder(recorder.get(), 0);
            story(guest);
            guest.nic().close();
        }
        recording = host::Recording::read(path, why);
        ASSERT_NE(recording, nullptr) << why;
    }
    /// The same or another story, of another guest.
    template <class Story>
    void play(Story story) {
        playback.emplace(recording->nics[0], pace);
        fresh.nic().set_playback(*playback);
        story(fresh);
        fresh.nic().close();
    }

    const test::ScratchFolder folder;
    const std::string path = folder.file("session.record");
    std::shared_ptr<const host::Recording> recording;
    /// A clock that always runs on: nothing is waited for.
    host::PlaybackPace pace{[] { return test::fake_now += 3s; }};
    std::optional<host::Playback> playback;
    Guest fresh;
};

void start(Guest& guest) {
    guest.start();
}

TEST_F(PlayedSessionTest, AGuestThatDoesTheSameFindsNoDifference) {
    record(start);
    play(start);
    EXPECT_THAT(playback->differences(), IsEmpty());
    EXPECT_EQ(playback->waits_for(), "");
}

TEST_F(PlayedSessionTest, AnswersAreThoseOfTheRecord) {
    Message recorded;
    Message played;
    const auto ask = [](Message& answer) {
        return [&answer](Guest& guest) {
            guest.start();
            EXPECT_EQ(guest.query(wire::Oid::kLinkSpeed, answer), wire::RndisStatus::kSuccess);
        };
    };
    record(ask(recorded));
    fresh.nic().set_link_speed(1);  // which a host that answers would say
    play(ask(played));
    EXPECT_EQ(recorded, played);
}

TEST_F(PlayedSessionTest, FramesArriveAsTheyWere) {
    const auto receive = [](Guest& guest) {
        guest.start();
        guest.run();
        EXPECT_EQ(guest.frames(), (std::vector<Message>{frame(60, 1), frame(1514, 2)}));
    };
    record([&](Guest& guest) {
        guest.port.to_deliver = {frame(60, 1), frame(1514, 2)};
        receive(guest);
    });
    play(receive);
    EXPECT_THAT(playback->differences(), IsEmpty());
    EXPECT_EQ(fresh.nic().counters().rx_packets, 2U);
}

TEST_F(PlayedSessionTest, FramesOfTheGuestAreCompletedHoweverItPacksThem) {
    record([](Guest& guest) {
        guest.start();
        guest.send_section(1, data_message(frame(60, 1)) + data_message(frame(61, 2)), 5);
        guest.run();
    });
    play([](Guest& guest) {
        guest.start();
        guest.send_section(1, data_message(frame(60, 1)), 5);
        guest.send_pages({data_message(frame(61, 2))}, 6);
        guest.run();
        EXPECT_EQ(guest.status(5), wire::NvspStatus::kSuccess);
        EXPECT_EQ(guest.status(6), wire::NvspStatus::kSuccess);
    });
    EXPECT_THAT(playback->differences(), IsEmpty());
    EXPECT_EQ(fresh.port.sent, (std::vector<Message>{frame(60, 1), frame(61, 2)}));
}

TEST_F(PlayedSessionTest, SubChannelsComeAsTheyDid) {
    const auto four = [](Guest& guest) {
        guest.start();
        EXPECT_EQ(guest.request_channels(3), wire::NvspStatus::kSuccess);
        guest.open_channels();
        guest.run();
    };
    record(four);
    play([&](Guest& guest) {
        guest.start();
        EXPECT_EQ(guest.request_channels(3), wire::NvspStatus::kSuccess);
        for (int i = 0; i < 4; ++i) {
            guest.open_channels();
            guest.run();
        }
        EXPECT_EQ(guest.nic().channels(), 4U);
    });
    EXPECT_THAT(playback->differences(), IsEmpty());
}

TEST_F(PlayedSessionTest, APageThatIsNotTheGuestsIsNothing) {
    record(start);
    play([](Guest& guest) {
        guest.start();
        guest.send_pages({data_message(frame(60))}, 6);
        guest.memory.pages.clear();
        guest.run();
    });
    EXPECT_TRUE(playback->lost());
    EXPECT_THAT(playback->differences(),
                ElementsAre("expected nothing more, got SEND_RNDIS_PACKET"));
}

TEST_F(PlayedSessionTest, TheDeviceIsOpenedNoOftenerThanItWas) {
    record(start);
    play(start);
    EXPECT_FALSE(fresh.nic().open(fresh.memory));
    EXPECT_TRUE(playback->lost());
}

TEST_F(PlayedSessionTest, ARecordOfAReplayCanBePlayedAsWell) {
    const auto story = [](Guest& guest) {
        guest.start();
        guest.send_section(1, data_message(frame(60, 1)), 5);
        guest.run();
    };
    record(story);
    const auto again = folder.file("again.record");
    std::string why;
    auto recorder = host::Recorder::create(again, why);
    recorder->nic(0, "port=null");
    fresh.nic().set_recorder(recorder.get(), 0);
    play(story);
    recorder.reset();
    const auto second = host::Recording::read(again, why);
    ASSERT_NE(second, nullptr) << why;
    EXPECT_EQ(second->nics[0].steps.size(), recording->nics[0].steps.size());
    EXPECT_EQ(second->nics[0].frames.not_in(recording->nics[0].frames), 0U);
}

}  // namespace
}  // namespace vmbus
