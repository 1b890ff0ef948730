#include "host/rx_delivery.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "support/guest.hpp"
#include "support/rss_vectors.hpp"

namespace vmbus {
namespace {

using host::Violation;
using support::Guest;
using support::Message;
using wire::NvspStatus;
using wire::RndisStatus;

/// A flow of TCP whose number stands in its source address.
Message flow(unsigned number) {
    const std::string source =
        "10.0." + std::to_string(number / 256) + "." + std::to_string(number % 256);
    return support::rss_frame({source.c_str(), 1, "10.9.9.9", 2, 0, 0});
}

class RxDelivery : public testing::Test {
protected:
    void SetUp() override {
        guest.start();
        ASSERT_EQ(guest.request_channels(3), NvspStatus::kSuccess);
        guest.open_channels();
        guest.run();
        guest.inbox.clear();
    }
    void offer_flows(unsigned count) {
        for (unsigned i = 0; i < count; ++i) guest.port.to_deliver.push_back(flow(i));
    }
    /// Frames by channel; nothing is returned.
    std::map<std::size_t, std::size_t> arrived() {
        guest.run();
        std::map<std::size_t, std::size_t> frames;
        for (const auto& packet : guest.inbox) frames[packet.channel] += packet.ranges.size();
        return frames;
    }
    void give_all_back() {
        for (; !guest.inbox.empty(); guest.inbox.pop_front()) {
            guest.sends_on = guest.inbox.front().channel;
            guest.give_back(guest.inbox.front().id);
        }
        guest.sends_on = 0;
    }
    std::uint64_t stuck() { return guest.nic().counters().dropped(host::Drop::kRxChannelStuck); }

    Guest guest{{.receive = (16 + 400) * 1806}};
};

TEST_F(RxDelivery, WithoutRssTheFirstChannelHasItAll) {
    offer_flows(400);
    EXPECT_EQ(arrived(), (std::map<std::size_t, std::size_t>{{0, 400}}));
}

TEST_F(RxDelivery, SpreadsFlowsOverTheTable) {
    ASSERT_EQ(guest.set_rss({0, 1, 2, 3}), RndisStatus::kSuccess);
    offer_flows(200);
    const auto frames = arrived();
    ASSERT_EQ(frames.size(), 4U);
    for (const auto& [channel, count] : frames) EXPECT_GT(count, 20U) << channel;
}

TEST_F(RxDelivery, AFlowStaysOnItsChannelAndInOrder) {
    ASSERT_EQ(guest.set_rss({0, 1, 2, 3}), RndisStatus::kSuccess);
    for (int i = 0; i < 60; ++i) {
        auto frame = flow(static_cast<unsigned>(i) % 3);
        frame.back() = static_cast<std::byte>(i);
        guest.port.to_deliver.push_back(frame);
    }
    guest.run();
    std::map<std::byte, std::set<std::size_t>> channels;
    std::map<std::byte, std::byte> last;
    for (const auto& packet : guest.inbox) {
        for (const auto& range : packet.ranges) {
            const auto data = guest.range(range).subspan(256);
            channels[data[29]].insert(packet.channel);
            EXPECT_GE(data[53], last[data[29]]);
            last[data[29]] = data[53];
        }
    }
    ASSERT_EQ(channels.size(), 3U);
    for (const auto& [number, used] : channels) EXPECT_EQ(used.size(), 1U);
}

TEST_F(RxDelivery, TellsTheHashInTheInfoOfEachFrame) {
    ASSERT_EQ(guest.set_rss({0, 1, 2, 3}), RndisStatus::kSuccess);
    guest.port.to_deliver.push_back(support::rss_frame(support::kRssIpv4[0]));
    guest.run();
    codec::PacketBounds bounds;
    codec::PacketInfo info;
    const auto range = guest.range(guest.inbox.at(0).ranges.at(0));
    ASSERT_EQ(codec::parse_packet(range, bounds, info), codec::RndisPacketError::kNone);
    EXPECT_EQ(info.hash_value, support::kRssIpv4[0].ports);
    EXPECT_EQ(info.hash_info, 0x201U);
}

// conformance: set_rss_parameter_unused_first_queue
TEST_F(RxDelivery, SetRssParameterUnusedFirstQueueStillTakesControlThere) {
    ASSERT_EQ(guest.set_rss({1, 2, 3}), RndisStatus::kSuccess);
    offer_flows(100);
    EXPECT_FALSE(arrived().contains(0));
    guest.inbox.clear();
    Message info;
    EXPECT_EQ(guest.query(wire::Oid::kHardwareStatus, info), RndisStatus::kSuccess);
}

// conformance: set_rss_parameter_no_valid_queues
TEST_F(RxDelivery, SetRssParameterNoValidQueuesUsesAll) {
    ASSERT_EQ(guest.set_rss({6, 7}), RndisStatus::kSuccess);
    offer_flows(200);
    EXPECT_EQ(arrived().size(), 4U);
}

// conformance: set_rss_parameter_bufs_not_evenly_divisible
TEST_F(RxDelivery, SetRssParameterBufsNotEvenlyDivisibleRoutesThemToTheirNewOwners) {
    ASSERT_EQ(guest.set_rss({0, 1, 2, 3}), RndisStatus::kSuccess);
    offer_flows(300);
    guest.run();
    ASSERT_EQ(guest.set_rss({1, 2, 3}), RndisStatus::kSuccess);
    give_all_back();
    guest.run();
    EXPECT_EQ(guest.nic().violations().total(), 0U);
    // A share of 133 or 134 pieces each: what was the first channel's is in use again.
    offer_flows(360);
    guest.port.to_deliver.clear();
    for (int i = 0; i < 130; ++i) guest.port.to_deliver.push_back(flow(1));
    EXPECT_EQ(arrived().begin()->second, 130U);
}

TEST_F(RxDelivery, WhoTurnsRssOffHasItAllOnTheFirstChannel) {
    ASSERT_EQ(guest.set_rss({1, 2, 3}), RndisStatus::kSuccess);
    ASSERT_EQ(guest.set_rss({0}, 0), RndisStatus::kSuccess);
    offer_flows(400);
    EXPECT_EQ(arrived(), (std::map<std::size_t, std::size_t>{{0, 400}}));
}

TEST_F(RxDelivery, WaitsForAChannelThatIsSlow) {
    ASSERT_EQ(guest.set_rss({0, 1, 2, 3}), RndisStatus::kSuccess);
    for (int i = 0; i < 150; ++i) guest.port.to_deliver.push_back(flow(1));
    guest.run();  // a share is 100
    EXPECT_EQ(guest.port.to_deliver.size(), 50U);
    give_all_back();
    guest.run();
    EXPECT_TRUE(guest.port.to_deliver.empty());
    EXPECT_EQ(stuck(), 0U);
}

TEST_F(RxDelivery, AsksForAPacketsWorthForEachChannelAndPacksThemFull) {
    Guest wide{{.receive = (16 + 1600) * 1806}};
    wide.start();
    ASSERT_EQ(wide.request_channels(3), NvspStatus::kSuccess);
    wide.open_channels();
    wide.run();
    wide.inbox.clear();
    ASSERT_EQ(wide.set_rss({0, 1, 2, 3}), RndisStatus::kSuccess);
    for (int i = 0; i < 200; ++i) wide.port.to_deliver.push_back(flow(1));
    wide.run();
    EXPECT_EQ(wide.port.most_asked, 256U);
    std::vector<std::size_t> packets;
    for (const auto& packet : wide.inbox) packets.push_back(packet.ranges.size());
    EXPECT_EQ(packets, (std::vector<std::size_t>{64, 64, 64, 8}));
}

TEST_F(RxDelivery, LosesNothingInTinyRings) {
    Guest tiny{{.ring_data = 4096, .receive = (16 + 4000) * 1806}};
    tiny.start();
    ASSERT_EQ(tiny.request_channels(3), NvspStatus::kSuccess);
    tiny.open_channels();
    ASSERT_EQ(tiny.set_rss({0, 1, 2, 3}), RndisStatus::kSuccess);
    for (unsigned i = 0; i < 2000; ++i) tiny.port.to_deliver.push_back(flow(i % 2));
    tiny.turn(20);
    EXPECT_GT(tiny.port.to_deliver.size(), 0U);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!tiny.port.to_deliver.empty() && std::chrono::steady_clock::now() < deadline) {
        tiny.run();
    }
    tiny.run();
    EXPECT_EQ(tiny.frames().size(), 2000U);
}

TEST_F(RxDelivery, AChannelThatIsShortOfPiecesRestsBeforeItTakesTheLast) {
    ASSERT_EQ(guest.set_rss({0, 1, 2, 3}), RndisStatus::kSuccess);
    for (int i = 0; i < 90; ++i) guest.port.to_deliver.push_back(flow(1));
    guest.run();  // of a share of 100
    offer_flows(5);
    guest.turn(1);
    EXPECT_EQ(guest.port.to_deliver.size(), 5U);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!guest.port.to_deliver.empty() && std::chrono::steady_clock::now() < deadline) {
        guest.turn(1);
    }
    EXPECT_TRUE(guest.port.to_deliver.empty());
}

TEST_F(RxDelivery, AChannelThatNobodyServesDoesNotStopTheOthers) {
    ASSERT_EQ(guest.set_rss({0, 1, 2, 3}), RndisStatus::kSuccess);
    for (int i = 0; i < 150; ++i) guest.port.to_deliver.push_back(flow(1));
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!guest.port.to_deliver.empty() && std::chrono::steady_clock::now() < deadline) {
        guest.run();
    }
    EXPECT_EQ(stuck(), 50U);
    guest.inbox.clear();
    offer_flows(60);
    EXPECT_GE(arrived().size(), 3U);
}

TEST_F(RxDelivery, ACompletionBelongsOnTheChannelOfItsPacket) {
    ASSERT_EQ(guest.set_rss({2}), RndisStatus::kSuccess);
    offer_flows(1);
    guest.run();
    guest.give_back(guest.inbox.at(0).id);
    guest.run();
    EXPECT_EQ(guest.broken(Violation::kCompletionOnWrongChannel), 1U);
    EXPECT_EQ(guest.broken(Violation::kBadCompletionId), 0U);
}

// Conformance: send_rndis_set_packet_filter.
TEST_F(RxDelivery, ThePacketFilterHoldsForAllChannels) {
    ASSERT_EQ(guest.set_rss({0, 1, 2, 3}), RndisStatus::kSuccess);
    guest.open_filter(0);
    offer_flows(100);
    EXPECT_TRUE(arrived().empty());
    guest.open_filter();
    EXPECT_EQ(arrived().size(), 4U);
}

}  // namespace
}  // namespace vmbus
