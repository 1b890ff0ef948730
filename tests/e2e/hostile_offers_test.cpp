// A host that offers other sub-channels than those that it granted, each of five NICs in another
// way, all under one testpmd with four queues; and one that takes a sub-channel back.
#include <gtest/gtest.h>

#include <ostream>

#include "support/hostile_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kSmallNic = "port=gen:rate=2000:flows=64,ring=64K,recv=1M,send=512K,queues=4";

struct Offer {
    const char* name;
    const char* step;
    const char* said;   ///< by the driver; nullptr: all is as it should be
    unsigned channels;  ///< that it uses
};

void PrintTo(const Offer& offer, std::ostream* stream) {
    *stream << offer.name;
}

constexpr Offer kOffers[] = {
    {"N12_LateOneIsWaitedFor", R"("what": "late_offer", "channel": 2, "value": 1500)", nullptr, 4},
    {"N12_LostOneLeavesThoseBefore", R"("what": "lost_offer", "channel": 2)",
     "2 channels instead of 4", 2},
    {"N12_RingsThatNeverAppearAreNotWaitedForForever",
     R"("what": "lost_offer", "how": "ring", "channel": 1)", "1 channels instead of 4", 1},
    {"N12_SecondOneOfAnIndexIsRefused", R"("what": "duplicate_offer", "channel": 2)",
     "its index 2 is that of channel", 4},
    {"N12_IndexThatNobodyAskedForIsRefused", R"("what": "wrong_offer", "channel": 3)",
     "its index 63 was not asked for", 3},
};

/// Frames that a channel carried to the guest.
std::uint64_t delivered(const nlohmann::json& nic, std::size_t channel) {
    return nic.at("channels").size() <= channel
               ? 0
               : nic.at("channels")[channel].at("rx_packets").get<std::uint64_t>();
}

bool every_queue_received(const Xstats& stats, unsigned queues) {
    for (unsigned q = 0; q < queues; ++q) {
        const auto found = stats.find("rx_q" + std::to_string(q) + "_packets");
        if (found == stats.end() || found->second == 0) {
            return false;
        }
    }
    return true;
}

struct OffersRun : HostileRun {
    OffersRun() {
        TestpmdSession run(
            {.nics = std::vector<std::string>(std::size(kOffers), kSmallNic),
             .fault = one_step_for_each_nic(kOffers),
             .testpmd = {"--rxq=4", "--txq=4", "--port-topology=loop", "--rxd=128", "--txd=128"}});
        forwards = run.forwards();
        for (unsigned nic = 0; nic < std::size(kOffers); ++nic) {
            run.xstats_until(nic, 20s, [&](const Xstats& stats) {
                return every_queue_received(stats, kOffers[nic].channels);
            });
        }
        end(run);
    }
};

using HostileOffers = LooksAtRun<Offer, OffersRun>;

TEST_P(HostileOffers, LeaveTheChannelsThatAreRightInUse) {
    ASSERT_TRUE(run_.forwards) << run_.output;
    EXPECT_EQ(run_.status, 0) << run_.output;
    const Offer& offer = GetParam();
    const auto& host = run_.host.at("nics")[nic_of(kOffers, offer)];
    EXPECT_EQ(host.at("faults"), 1);
    for (std::size_t channel = 0; channel < 4; ++channel) {
        EXPECT_EQ(delivered(host, channel) > 0, channel < offer.channels) << channel;
    }
    if (offer.said != nullptr) {
        EXPECT_NE(run_.output.find(offer.said), std::string::npos) << run_.output;
    }
}

INSTANTIATE_TEST_SUITE_P(EachOffer, HostileOffers, ::testing::ValuesIn(kOffers),
                         [](const auto& offer) { return std::string(offer.param.name); });

/// What brings a port back that has lost a channel.
class HostileOfferTakenBack : public ::testing::TestWithParam<const char*> {};

TEST_P(HostileOfferTakenBack, N22_SubChannelTakenBackIsNoticedAndComesWithANewSession) {
    TestpmdSession run(
        {.nics = {kSmallNic},
         .fault = R"([{"what": "rescind_channel", "channel": 2, "after": 100, "on": "data"}])",
         .testpmd = {"--rxq=4", "--txq=4", "--port-topology=loop"}});
    ASSERT_TRUE(run.forwards()) << run.output();
    EXPECT_TRUE(run.prints("but channel 2 no more", 30s)) << run.output();
    EXPECT_TRUE(run.prints("reset event", 5s)) << run.output();
    EXPECT_EQ(run.link(0), "down");
    auto stats = run.xstats(0);
    EXPECT_EQ(stats["ring_q2_given_up"], 1U);
    EXPECT_EQ(stats["ring_q1_given_up"], 0U);
    const auto others = stats["rx_q1_packets"];
    stats = run.xstats_until(0, 20s,
                             [&](Xstats later) { return later["rx_q1_packets"] > others + 100; });
    EXPECT_GT(stats["rx_q1_packets"], others + 100) << "the other channels go on";
    for (const char* line :
         {"stop", "port stop 0", GetParam(), "port start 0", "clear port xstats 0", "start"}) {
        run.type(line);
    }
    const auto again =
        run.xstats_until(0, 20s, [](Xstats later) { return later["rx_q2_packets"] > 100; });
    EXPECT_GT(again.at("rx_q2_packets"), 100U) << run.output();
    EXPECT_EQ(run.link(0), "up");
    EXPECT_EQ(run.quit(), 0) << run.output();
}

/// Nothing shows that the host is there, until it is asked something on the primary channel.
TEST(HostileOffersLater, N22_SubChannelTakenBackIsToldFromAHostThatIsBusyElsewhere) {
    TestpmdSession run({.nics = {"port=gen:rate=2000:flows=1,queues=4"},
                        .fault = R"([{"what": "rescind_channel", "after": 100, "on": "data"}])",
                        .testpmd = {"--rxq=4", "--txq=4", "--port-topology=loop"}});
    ASSERT_TRUE(run.forwards()) << run.output();
    EXPECT_TRUE(run.prints("does not read what we send on channel", 30s)) << run.output();
    EXPECT_TRUE(run.prints("it may have taken it away", 30s)) << run.output();
    EXPECT_TRUE(run.prints("reset event", 5s)) << run.output();
    EXPECT_EQ(run.quit(), 0) << run.output();
}

INSTANTIATE_TEST_SUITE_P(By, HostileOfferTakenBack, ::testing::Values("port reset 0", ""),
                         [](const auto& way) {
                             return std::string(*way.param == 0 ? "StopAndStart" : "Reset");
                         });

}  // namespace
}  // namespace vmbus::test
