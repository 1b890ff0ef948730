#include "host/rx_path.hpp"

#include <gtest/gtest.h>

#include "host/checksum.hpp"
#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Violation;
using support::frame;
using support::FromHost;
using support::Guest;
using support::Message;

class RxPath : public testing::Test {
protected:
    void SetUp() override { guest.start(); }
    void deliver(int count, std::size_t size = 60) {
        for (int i = 0; i < count; ++i) guest.port.to_deliver.push_back(frame(size, i));
    }
    FromHost delivered() {
        guest.run();
        return guest.next().value();
    }
    Guest guest;
};

TEST_F(RxPath, LaysFrameOutAsHostsDo) {
    deliver(1);
    const auto packet = delivered();
    EXPECT_EQ(packet.type, wire::PacketType::kTransferPages);
    EXPECT_EQ(packet.pageset, wire::kReceiveBufferId);
    EXPECT_TRUE(packet.completion_requested);
    EXPECT_EQ(packet.id, 16U);
    EXPECT_EQ(packet.payload.size(), 40U);
    ASSERT_EQ(packet.ranges.size(), 1U);
    EXPECT_EQ(packet.ranges[0].byte_offset, 16U * 1806);
    EXPECT_EQ(packet.ranges[0].byte_count, 1806U);
    const auto bytes = guest.range(packet.ranges[0]);
    const auto head = base::load_at<wire::RndisPacket>(bytes, 0);
    EXPECT_EQ(head.header.length, 1806U);
    EXPECT_EQ(head.data_offset, 248U);
    EXPECT_EQ(head.data_length, 60U);
    EXPECT_EQ(head.ppi_offset, 36U);
    EXPECT_EQ(head.ppi_length, 16U);
    const auto whole = frame(60);
    EXPECT_TRUE(std::equal(whole.begin(), whole.end(), bytes.begin() + 256));
}

TEST_F(RxPath, PutsUpTo64FramesIntoPacketInOrder) {
    deliver(100);
    guest.run();
    ASSERT_EQ(guest.inbox.size(), 2U);
    EXPECT_EQ(guest.inbox[0].ranges.size(), 64U);
    EXPECT_EQ(guest.inbox[1].ranges.size(), 36U);
    const auto frames = guest.frames();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(frames[static_cast<std::size_t>(i)], frame(60, i));
    EXPECT_EQ(guest.nic().counters().rx_packets, 100U);
    EXPECT_EQ(guest.nic().counters().rx_bytes, 6000U);
    EXPECT_EQ(guest.nic().counters().rx_transfer_packets, 2U);
}

TEST_F(RxPath, StripsVlanTagIntoInfo) {
    auto tagged = frame(64);
    const Message tag{std::byte{0x81}, std::byte{0}, std::byte{0x60}, std::byte{0x64}};
    std::copy(tag.begin(), tag.end(), tagged.begin() + 12);
    guest.port.to_deliver.push_back(tagged);
    const auto packet = delivered();
    codec::PacketBounds bounds;
    codec::PacketInfo info;
    const auto bytes = guest.range(packet.ranges.at(0));
    ASSERT_EQ(codec::parse_packet(bytes, bounds, info), codec::RndisPacketError::kNone);
    EXPECT_EQ(info.has, codec::PacketInfo::kChecksum | codec::PacketInfo::kVlan);
    EXPECT_EQ(wire::vlan_to_tci(info.vlan), 0x6064);
    EXPECT_EQ(bounds.ppi_length, 32U);
    ASSERT_EQ(bounds.data_length, 60U);
    const auto data = bytes.subspan(256, 60);
    EXPECT_TRUE(std::equal(data.begin(), data.begin() + 12, tagged.begin()));
    EXPECT_TRUE(std::equal(data.begin() + 12, data.end(), tagged.begin() + 16));
}

/// Ethernet, IPv4, UDP, both checksums right.
Message udp_frame() {
    auto whole = frame(60);
    const Message head{std::byte{8}, std::byte{0},  std::byte{0x45}, std::byte{0},
                       std::byte{0}, std::byte{46}, std::byte{0},    std::byte{0},
                       std::byte{0}, std::byte{0},  std::byte{64},   std::byte{17}};
    std::copy(head.begin(), head.end(), whole.begin() + 12);
    whole[38] = std::byte{0};
    whole[39] = std::byte{26};
    EXPECT_TRUE(host::complete_checksums(
        whole, wire::kTxChecksumIpv4 | wire::kTxChecksumUdp | wire::kTxChecksumIpHeader));
    return whole;
}

TEST_F(RxPath, SaysWhetherChecksumsAreRight) {
    auto bad = udp_frame();
    bad[59] ^= std::byte{1};
    auto tagged = udp_frame();
    const Message tag{std::byte{0x81}, std::byte{0}, std::byte{0}, std::byte{7}};
    tagged.insert(tagged.begin() + 12, tag.begin(), tag.end());
    for (const auto& each : {udp_frame(), bad, tagged, frame(60)}) {
        guest.port.to_deliver.push_back(each);
    }
    const auto packet = delivered();
    const std::uint32_t expected[] = {wire::kRxIpGood | wire::kRxUdpGood,
                                      wire::kRxIpGood | wire::kRxUdpBad,
                                      wire::kRxIpGood | wire::kRxUdpGood, 0};
    for (std::size_t i = 0; i < 4; ++i) {
        codec::PacketBounds bounds;
        codec::PacketInfo info;
        ASSERT_EQ(codec::parse_packet(guest.range(packet.ranges.at(i)), bounds, info),
                  codec::RndisPacketError::kNone);
        EXPECT_EQ(info.checksum, expected[i]) << i;
    }
}

TEST_F(RxPath, DeliversNothingWhileFilterIsShut) {
    guest.open_filter(0);
    EXPECT_EQ(guest.port.filter, 0U);
    deliver(3);
    guest.run();
    EXPECT_TRUE(guest.inbox.empty());
    EXPECT_EQ(guest.port.to_deliver.size(), 3U);
    guest.open_filter(0x20);
    guest.run();
    EXPECT_EQ(guest.frames().size(), 3U);
}

TEST_F(RxPath, DeliversNothingWhileLinkIsDown) {
    guest.nic().set_link(false);
    deliver(3);
    guest.run();
    EXPECT_EQ(guest.port.to_deliver.size(), 3U);
}

TEST_F(RxPath, DropsFramesAboveMtuAndCountsThem) {
    deliver(2, 1515);
    deliver(1, 60);
    deliver(1, 13);
    EXPECT_EQ(delivered().ranges.size(), 1U);
    EXPECT_EQ(guest.nic().counters().dropped(host::Drop::kRxAboveMtu), 2U);
    EXPECT_EQ(guest.nic().counters().dropped(host::Drop::kRxUndersized), 1U);
}

TEST_F(RxPath, ReusesPiecesOfDroppedFrames) {
    deliver(10000, 1515);
    guest.run();
    deliver(1);
    guest.run();
    EXPECT_EQ(guest.frames().size(), 1U);
}

TEST_F(RxPath, TakesNoMoreFramesThanThereArePieces) {
    Guest small({.receive = 20 * 1806});
    small.start();
    for (int i = 0; i < 10; ++i) small.port.to_deliver.push_back(frame(60, i));
    small.run();
    EXPECT_EQ(small.frames().size(), 4U);
    EXPECT_EQ(small.port.to_deliver.size(), 6U);
    small.give_back(small.next()->id);
    small.run();
    EXPECT_EQ(small.frames().size(), 4U);
    EXPECT_EQ(small.port.to_deliver.size(), 2U);
}

TEST_F(RxPath, LosesNothingInTinyRing) {
    Guest small({.ring_data = 4096, .receive = 600 * 1806});
    small.start();
    for (int i = 0; i < 500; ++i) small.port.to_deliver.push_back(frame(60, i));
    small.turn(20);
    EXPECT_GT(small.port.to_deliver.size(), 0U);
    EXPECT_GT(small.nic().counters().rx_ring_full, 0U);
    EXPECT_GT(small.reader->memory().page().pending_send_size.load_relaxed(), 0U);
    small.run();
    const auto frames = small.frames();
    ASSERT_EQ(frames.size(), 500U);
    for (int i = 0; i < 500; ++i) EXPECT_EQ(frames[static_cast<std::size_t>(i)], frame(60, i));
}

TEST_F(RxPath, RecordsReturnOfWhatWasNotLent) {
    deliver(2);
    const auto packet = delivered();
    guest.give_back(17);          // lent, but not the first of its packet
    guest.give_back(40);          // not lent
    guest.give_back(UINT64_MAX);  // no piece at all
    guest.give_back(packet.id);
    guest.give_back(packet.id);  // twice
    guest.run();
    EXPECT_EQ(guest.broken(Violation::kBadCompletionId), 4U);
}

TEST_F(RxPath, RecordsCompletionThatAnswersNothing) {
    deliver(1);
    const auto packet = delivered();
    guest.send({.type = wire::PacketType::kCompletion, .transaction_id = packet.id});
    guest.run();
    EXPECT_EQ(guest.broken(Violation::kBadCompletion), 1U);
    EXPECT_EQ(guest.broken(Violation::kBadCompletionId), 0U);
}

}  // namespace
}  // namespace vmbus
