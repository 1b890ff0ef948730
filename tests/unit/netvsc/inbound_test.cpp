#include "net/netvsc/inbound.hpp"

#include <gtest/gtest.h>

#include "rig.hpp"

namespace vmbus::netvsc::test {
namespace {

struct InboundTest : testing::Test {
    /// The guest reads all there is and gives back what it can.
    void read() {
        link.inbound.take_all();
        link.inbound.finish();
    }
    /// Ids and statuses of what was given back.
    std::vector<std::pair<std::uint64_t, std::uint32_t>> given_back() {
        std::vector<std::pair<std::uint64_t, std::uint32_t>> acks;
        while (const auto view = host.take()) {
            EXPECT_EQ(view->type(), wire::PacketType::kCompletion);
            acks.emplace_back(view->transaction_id(),
                              view->payload<wire::NvspSendRndisPacketComplete>()->status);
        }
        return acks;
    }
    using Acks = std::vector<std::pair<std::uint64_t, std::uint32_t>>;

    Rig rig;
    HostEnd host{rig};
    Link link{rig};
    Inbound& inbound = link.inbound;
};

TEST_F(InboundTest, RangesStayInOrderUntilTheyAreDone) {
    host.transfer(
        {.id = 3, .ranges = {host.piece(3, data_message(60)), host.piece(9, data_message(70))}});
    read();
    ASSERT_TRUE(inbound.has_range());
    EXPECT_EQ(inbound.range().offset, 3 * kPiece);
    inbound.range_done();
    read();
    EXPECT_EQ(given_back(), Acks{}) << "half a packet is not given back";
    EXPECT_EQ(inbound.range().offset, 9 * kPiece);
    inbound.range_done();
    read();
    EXPECT_EQ(given_back(), (Acks{{3, 1}}));
}

TEST_F(InboundTest, IdZeroIsAnIdLikeAnyOther) {
    host.deliver(0, data_message(60));
    read();
    inbound.discard_ranges();
    read();
    EXPECT_EQ(given_back(), (Acks{{0, 1}}));
}

TEST_F(InboundTest, AcksOfABurstArePublishedAtOnce) {
    for (std::uint32_t i = 0; i < 40; ++i) host.deliver(i, data_message(60));
    read();
    inbound.discard_ranges();
    EXPECT_EQ(given_back().size(), 0U);
    read();
    EXPECT_EQ(given_back().size(), 40U);
    EXPECT_LE(link.lane.channel().signals(), 1U);
}

// row: rx_acknowledge
TEST_F(InboundTest, AcksWaitForRoomAndAreNotLost) {
    const Message filler(4000);
    while (link.lane.channel().send_in_band(filler, 0, false) == ring::ReserveStatus::kOk) {
    }
    while (link.lane.channel().send_in_band({}, 0, false) == ring::ReserveStatus::kOk) {
    }
    host.deliver(5, data_message(60));
    read();
    inbound.discard_ranges();
    read();
    EXPECT_TRUE(inbound.acks_pending());
    EXPECT_GE(link.count(RingCount::kAckDeferred), 1U);
    while (const auto view = host.take()) {
        if (view->type() == wire::PacketType::kCompletion) FAIL() << "there was no room";
    }
    read();
    EXPECT_EQ(given_back(), (Acks{{5, 1}}));
}

TEST_F(InboundTest, NoMorePacketsAreTakenThanAcksCanWait) {
    constexpr std::uint32_t kPackets = 700;
    while (link.lane.channel().send_in_band({}, 0, false) == ring::ReserveStatus::kOk) {
    }
    for (std::uint32_t i = 0; i < kPackets; ++i) {
        host.transfer({.id = 1000 + i, .ranges = {host.piece(i % kPieces, data_message(60))}});
    }
    const auto read_and_drop = [&] {
        read();
        inbound.discard_ranges();
    };
    for (int i = 0; i < 20; ++i) read_and_drop();
    EXPECT_LT(link.count(RingCount::kUnclaimed), kPackets);
    unsigned acks = 0;
    for (int i = 0; i < 40; ++i) {
        while (const auto view = host.take()) {
            acks += view->type() == wire::PacketType::kCompletion ? 1 : 0;
        }
        read_and_drop();
    }
    EXPECT_EQ(link.count(RingCount::kUnclaimed), kPackets);
    EXPECT_EQ(acks, kPackets) << "none of them was overwritten while it waited";
}

// row: rx_transfer_checks
// defect: 4.3-2 a range lies inside the buffer, whatever offset and length add up to
TEST_F(InboundTest, MalformedTransfersAreCountedByCauseAndGivenBack) {
    const auto good = host.piece(1, data_message(60));
    host.transfer({.id = 1, .ranges = {good}, .pageset = 0xBEEF});
    host.transfer({.id = 2, .ranges = {good}, .type = 99});
    host.transfer({.id = 3, .ranges = {}});
    host.transfer({.id = 4, .ranges = {{.byte_count = 0, .byte_offset = 0}}});
    host.transfer({.id = 5, .ranges = {good, {.byte_count = 2, .byte_offset = 0xFFFFFFFF}}});
    host.transfer({.id = 6, .ranges = {{.byte_count = kPiece + 1, .byte_offset = 0}}});
    read();
    EXPECT_FALSE(inbound.has_range());
    EXPECT_EQ(link.count(RingCount::kTransferBadBuffer), 1U);
    EXPECT_EQ(link.count(RingCount::kTransferBadMessage), 1U);
    EXPECT_EQ(link.count(RingCount::kTransferBadCount), 1U);
    EXPECT_EQ(link.count(RingCount::kTransferBadRange), 3U);
    EXPECT_EQ(given_back(), (Acks{{1, 2}, {2, 2}, {3, 2}, {4, 2}, {5, 2}, {6, 2}}));
}

// defect: 4.3-8 an id is not taken again before it was given back
TEST_F(InboundTest, IdThatIsStillHeldIsNotTakenTwice) {
    host.deliver(7, data_message(60));
    host.deliver(7, data_message(60));
    read();
    EXPECT_EQ(link.count(RingCount::kTransferIdHeld), 1U);
    inbound.discard_ranges();
    read();
    EXPECT_EQ(given_back(), (Acks{{7, 1}}));
}

// defect: 4.3-1 an id is a number, not an index into a table
TEST_F(InboundTest, FullBacklogLeavesPacketsInTheRing) {
    Rig small_rig;
    HostEnd small_host(small_rig);
    Link small(small_rig);
    for (std::uint32_t i = 0; i < 200; ++i) {
        small_host.transfer({.id = 1000 + i, .ranges = {small_host.piece(0, data_message(60))}});
    }
    small.inbound.take_all();
    EXPECT_TRUE(small.inbound.has_range());
    EXPECT_TRUE(small.health.alive());
    EXPECT_FALSE(small.inbound.take_packet());
}

// row: rx_completions
TEST_F(InboundTest, TransmitCompletionsGoToTheirQueue) {
    CompletionQueue queue(2);
    inbound.connect(0, &queue);
    host.complete_rndis(std::uint64_t{kTxSpace} << 48 | 5);
    host.complete_rndis(std::uint64_t{kTxSpace} << 48 | 6, wire::NvspStatus::kFailure);
    read();
    std::vector<std::pair<std::uint64_t, bool>> got;
    queue.take([&](const TxCompletion& c) { got.emplace_back(c.id & 0xFFFF, c.success); });
    EXPECT_EQ(got, (std::vector<std::pair<std::uint64_t, bool>>{{5, true}, {6, false}}));
}

TEST_F(InboundTest, CompletionOnAChannelThatItsQueueDoesNotUseIsCounted) {
    CompletionQueue queue(2);
    inbound.connect(3, &queue);
    host.complete_rndis(std::uint64_t{kTxSpace + 3} << 48);
    host.complete_rndis(std::uint64_t{kTxSpace + 4} << 48);
    host.complete_rndis(std::uint64_t{kTxSpace + kMaxQueues} << 48);
    read();
    EXPECT_EQ(queue.take([](const TxCompletion&) {}), 1U);
    EXPECT_EQ(link.count(RingCount::kCompletionBadId), 2U);
}

TEST_F(InboundTest, WithoutAReceiveQueueFramesAreCountedAndGivenBack) {
    inbound.set_received(false);
    for (std::uint32_t i = 0; i < 5; ++i) host.deliver(i, data_message(60));
    read();
    EXPECT_FALSE(inbound.has_range());
    EXPECT_EQ(link.count(RingCount::kUnclaimed), 5U);
    EXPECT_EQ(given_back().size(), 5U);
}

wire::NvspSendIndirectionTable send_table(std::uint32_t offset) {
    wire::NvspSendIndirectionTable message{
        raw(wire::NvspType::kSendIndirectionTable), 16, offset, {}};
    for (std::uint32_t i = 0; i < 16; ++i) message.table[i] = 3 + 100 * i;
    return message;
}

TEST_F(InboundTest, SendTableIsKeptWithEntriesInBounds) {
    host.put({.payload = base::bytes_of(send_table(12))});
    read();
    ASSERT_TRUE(inbound.send_table());
    EXPECT_EQ((*inbound.send_table())[0], 3U);
    for (const std::uint32_t entry : *inbound.send_table()) EXPECT_LT(entry, kMaxQueues);
}

TEST_F(InboundTest, SendTableThatIsCutIsCountedAndForgotten) {
    const auto message = send_table(12);
    host.put({.payload = base::bytes_of(message).first(40)});
    read();
    EXPECT_FALSE(inbound.send_table());
    EXPECT_EQ(link.count(RingCount::kIndirectionTableBad), 1U);
}

TEST_F(InboundTest, NewsOfTheNicOnASubChannelAreUnknown) {
    Inbound sub(link.lane.channel(), link.mailbox, link.health, {}, link.counters,
                Inbound::Role::kSubChannel);
    host.put({.payload = base::bytes_of(send_table(12))});
    sub.take_all();
    EXPECT_FALSE(sub.send_table());
    EXPECT_EQ(link.count(RingCount::kInBandUnknown), 1U);
}

wire::NvspSendVfAssociation association(std::uint32_t allocated, std::uint32_t serial) {
    return {raw(wire::NvspType::kSendVfAssociation), allocated, serial};
}
constexpr std::uint64_t kHostsVfId = 0x8000'0000'0000'0000;

TEST_F(InboundTest, VfAssociationIsTakenDownAndCompletedUnderItsOwnId) {
    host.put({.completion_requested = true,
              .transaction_id = kHostsVfId,
              .payload = base::bytes_of(association(1, 7))});
    read();
    EXPECT_EQ(inbound.vf_news().offer(), (VfOffer{true, 7, 0, 1}));
    EXPECT_EQ(given_back(), (Acks{{kHostsVfId, 1}}));
}

TEST_F(InboundTest, VfAssociationThatIsCutOrSaysNeitherIsCountedAndForgotten) {
    host.put({.payload = base::bytes_of(association(1, 7)).first(8)});
    host.put({.payload = base::bytes_of(association(2, 7))});
    read();
    EXPECT_EQ(inbound.vf_news().offer(), VfOffer{});
    EXPECT_EQ(link.count(RingCount::kVfAssociationBad), 2U);
}

TEST_F(InboundTest, HostMayTakeThePathButNotMoveItToTheVf) {
    using Switch = wire::NvspSwitchDataPath;
    constexpr auto kType = raw(wire::NvspType::kSwitchDataPath);
    host.put({.completion_requested = true,
              .transaction_id = kHostsVfId + 1,
              .payload = base::bytes_of(Switch{kType, wire::kSyntheticPath})});
    host.put({.payload = base::bytes_of(Switch{kType, wire::kVfPath})});
    read();
    EXPECT_EQ(inbound.vf_news().path_taken().times, 1U);
    EXPECT_EQ(link.count(RingCount::kPathSwitchBad), 1U);
    EXPECT_EQ(given_back(), (Acks{{kHostsVfId + 1, 1}}));
}

TEST_F(InboundTest, VfAssociationOnASubChannelIsUnknown) {
    Inbound sub(link.lane.channel(), link.mailbox, link.health, {}, link.counters,
                Inbound::Role::kSubChannel);
    host.put({.payload = base::bytes_of(association(1, 7))});
    sub.take_all();
    EXPECT_EQ(sub.vf_news().offer(), VfOffer{});
    EXPECT_EQ(link.count(RingCount::kInBandUnknown), 1U);
}

TEST_F(InboundTest, ForgedCompletionsOverflowTheQueueAndAreCounted) {
    CompletionQueue queue(2);
    inbound.connect(0, &queue);
    for (int i = 0; i < 5; ++i) host.complete_rndis(std::uint64_t{kTxSpace} << 48);
    read();
    EXPECT_EQ(link.count(RingCount::kCompletionOverflow), 3U);
}

TEST_F(InboundTest, CompletionOfNobodysIdIsCounted) {
    host.complete_rndis(0);
    host.complete_rndis(std::uint64_t{kControlSpace} << 48 | 3);
    read();
    EXPECT_EQ(link.count(RingCount::kCompletionBadId), 2U);
}

// row: rx_notifications
TEST_F(InboundTest, NotificationsAreCountedAndAnsweredWhereAsked) {
    host.put({.completion_requested = true,
              .transaction_id = 0x8000000000000000,
              .payload =
                  nvsp(wire::NvspSendVfAssociation{.type = raw(wire::NvspType::kSendVfAssociation),
                                                   .allocated = 1,
                                                   .serial_number = 2})});
    host.put({.payload = nvsp(wire::NvspHeader{.type = 4711})});
    host.put({.payload = {}});
    read();
    EXPECT_EQ(link.count(RingCount::kVfAssociation), 1U);
    EXPECT_EQ(link.count(RingCount::kInBandUnknown), 2U);
    EXPECT_EQ(given_back(), (Acks{{0x8000000000000000, 1}}));
}

TEST_F(InboundTest, LinkStatusIsKnownAlthoughFramesLieBeforeIt) {
    host.deliver(1, data_message(60));
    host.deliver(2, rndis([](base::MutableBytes out) {
                     return codec::encode_indicate_status(out, wire::RndisStatus::kMediaDisconnect,
                                                          {});
                 }));
    read();
    EXPECT_EQ(inbound.link(), netvsc::Link::kDown);
    EXPECT_EQ(given_back(), (Acks{{2, 1}}));
    EXPECT_EQ(inbound.range().offset, kPiece) << "the frame is still there";
}

// row: link_events
TEST_F(InboundTest, FlapThatIsOverIsStillNews) {
    for (const auto status :
         {wire::RndisStatus::kMediaDisconnect, wire::RndisStatus::kMediaConnect}) {
        host.deliver(2, rndis([status](base::MutableBytes out) {
                         return codec::encode_indicate_status(out, status, {});
                     }));
        read();
    }
    EXPECT_EQ(inbound.link(), netvsc::Link::kUp);
    EXPECT_EQ(inbound.link_news(), 2U);
}

// row: speed_change
// defect: 4.4-11 a new speed alone is news
TEST_F(InboundTest, NewSpeedIsNewsOfTheLink) {
    const std::uint32_t speed = 400'000'000;
    host.deliver(2, rndis([&](base::MutableBytes out) {
                     return codec::encode_indicate_status(out, wire::RndisStatus::kLinkSpeedChange,
                                                          base::bytes_of(speed));
                 }));
    read();
    EXPECT_EQ(inbound.speed_mbps(), 40'000U);
    EXPECT_EQ(inbound.link_news(), 1U);
    host.deliver(2, rndis([](base::MutableBytes out) {
                     return codec::encode_indicate_status(out, wire::RndisStatus::kLinkSpeedChange,
                                                          {});
                 }));
    read();
    EXPECT_EQ(link.count(RingCount::kControlBad), 1U);
}

// defect: 4.3-9 a status message is read as far as it is there
TEST_F(InboundTest, MalformedControlIsCounted) {
    host.deliver(1, rndis([](base::MutableBytes out) { return codec::encode_halt(out, 1); }));
    Message cut = rndis([](base::MutableBytes out) {
        return codec::encode_indicate_status(out, wire::RndisStatus::kMediaConnect, {});
    });
    cut.resize(10);
    host.deliver(2, cut);
    read();
    EXPECT_EQ(link.count(RingCount::kControlBad), 2U);
    EXPECT_EQ(given_back().size(), 2U);
}

TEST_F(InboundTest, ReplyNobodyWaitsForIsCounted) {
    host.deliver(1, ScriptedHost::default_answer(12, wire::Oid::kLinkSpeed));
    read();
    EXPECT_EQ(link.count(RingCount::kControlUnexpected), 1U);
}

// defect: 4.3-13 indices of the host are checked each time they are loaded
TEST_F(InboundTest, IndexThatIsNoneStopsTheDevice) {
    rig.half(1).page().in.store_relaxed(kRingBytes + 8);
    read();
    EXPECT_EQ(link.health.state(), Health::kBroken);
    EXPECT_EQ(link.count(RingCount::kBadIndex), 1U);
    read();
    EXPECT_EQ(link.count(RingCount::kBadIndex), 1U) << "counted once";
}

// defect: 4.3-16 a ring error takes the port down, not the application
TEST_F(InboundTest, PacketTypeOfAGuestStopsTheDevice) {
    const std::uint64_t list[] = {0, 0, 0};
    host.put({.type = wire::PacketType::kGpaDirect, .header = std::as_bytes(std::span(list))});
    read();
    EXPECT_EQ(link.health.state(), Health::kBroken);
}

TEST_F(InboundTest, AFloodIsTakenInPieces) {
    for (unsigned i = 0; i < Inbound::kBudget + 5; ++i) host.put({.payload = {}});
    inbound.take_all();
    EXPECT_EQ(link.count(RingCount::kInBandUnknown), Inbound::kBudget);
}

}  // namespace
}  // namespace vmbus::netvsc::test
