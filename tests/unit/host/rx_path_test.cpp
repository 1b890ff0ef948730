#include "host/rx_path.hpp"

#include <gtest/gtest.h>

#include "host/checksum.hpp"
#include "support/flat_ring.hpp"
#include "support/guest.hpp"
#include "support/tcp_frame.hpp"

namespace vmbus {
namespace {

using host::Violation;
using support::frame;
using support::FromHost;
using support::Guest;
using support::Message;
using support::operator+;

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

// conformance: rndis_rx_packet_no_vlan
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

// conformance: rndis_rx_vlan_packet
// conformance: rndis_rx_vlan_preserves_packet_data
// conformance: vlan_rx_counter_increments
TEST_F(RxPath, StripsVlanTagIntoInfo) {
    auto tagged = frame(64);
    const Message tag{std::byte{0x81}, std::byte{0}, std::byte{0xB0}, std::byte{0x64}};
    std::copy(tag.begin(), tag.end(), tagged.begin() + 12);
    guest.port.to_deliver.push_back(tagged);
    const auto packet = delivered();
    codec::PacketBounds bounds;
    codec::PacketInfo info;
    const auto bytes = guest.range(packet.ranges.at(0));
    ASSERT_EQ(codec::parse_packet(bytes, bounds, info), codec::RndisPacketError::kNone);
    EXPECT_EQ(info.has, codec::PacketInfo::kChecksum | codec::PacketInfo::kVlan);
    EXPECT_EQ(info.vlan, 5U | 1U << 3 | 0x064U << 4);  // priority, DEI, id
    EXPECT_EQ(guest.nic().counters().rx_vlan_tags, 1U);
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

// conformance: rndis_rx_vlan_packet_with_tcp_checksum
TEST_F(RxPath, SaysWhetherChecksumOfTaggedTcpIsRight) {
    auto tagged = support::tcp_frame({.payload = 100});
    tagged.insert(tagged.begin() + 12, 4, std::byte{0});
    support::put_be(tagged, 12, 4, 0x81000007);
    guest.port.to_deliver.push_back(tagged);
    const auto packet = delivered();
    codec::PacketBounds bounds;
    codec::PacketInfo info;
    ASSERT_EQ(codec::parse_packet(guest.range(packet.ranges.at(0)), bounds, info),
              codec::RndisPacketError::kNone);
    EXPECT_EQ(info.checksum, wire::kRxIpGood | wire::kRxTcpGood);
    EXPECT_EQ(wire::vlan_to_tci(info.vlan), 7U);
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

// conformance: send_rndis_set_packet_filter
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

TEST_F(RxPath, DropsWhatTheFilterKeepsOut) {
    guest.open_filter(wire::kNdisFilterBroadcast);
    auto broadcast = frame(60);
    std::fill_n(broadcast.begin(), 6, std::byte{0xFF});
    auto group = frame(60);
    group[0] = std::byte{1};
    auto others = frame(60);
    others[0] = std::byte{2};
    for (const auto& each : {broadcast, group, others}) guest.port.to_deliver.push_back(each);
    guest.run();
    EXPECT_EQ(guest.frames(), std::vector<Message>{broadcast});
    EXPECT_EQ(guest.nic().counters().dropped(host::Drop::kRxMulticast), 1U);
    EXPECT_EQ(guest.nic().counters().dropped(host::Drop::kRxOthersAddress), 1U);
    EXPECT_EQ(guest.nic().counters().rx_by_kind.frames[host::ByKind::kBroadcast], 1U);
}

/// A guest that takes segments as one, and what it received.
class RxPathCoalescing : public testing::Test {
protected:
    void SetUp() override {
        guest.capabilities |= wire::kNvspCapRsc;
        guest.start();
        set_rsc(2);
    }
    void set_rsc(int setting) {
        std::array<std::byte, 28> parameters{};
        base::store_at(parameters, 0, wire::NdisObjectHeader{wire::kNdisObjectDefault, 3, 28});
        parameters[22] = parameters[23] = static_cast<std::byte>(setting);
        ASSERT_EQ(guest.set(wire::Oid::kOffloadParameters, parameters),
                  wire::RndisStatus::kSuccess);
        EXPECT_EQ(guest.indication(), wire::RndisStatus::kOffloadCurrentConfig);
    }
    /// The next segment of the flow.
    Message segment(std::size_t payload, std::uint8_t flags = 0x10) {
        flow.payload = payload;
        flow.flags = flags;
        auto bytes = support::tcp_frame(flow);
        flow.sequence += static_cast<std::uint32_t>(payload);
        flow.payload_from += static_cast<unsigned>(payload);
        return bytes;
    }
    void deliver(const std::vector<Message>& frames) {
        for (const auto& each : frames) guest.port.to_deliver.push_back(each);
        guest.run();
    }
    /// The word of an entry of the per-packet info of a range.
    std::optional<std::uint32_t> info_of(std::size_t range, std::uint32_t type) {
        const auto bytes = guest.range(guest.inbox.at(0).ranges.at(range));
        const auto head = base::load_at<wire::RndisPacket>(bytes, 0);
        for (std::size_t at = 44; at < 44 + head.ppi_length; at += 16) {
            const auto entry = base::load_at<wire::Ppi32>(bytes, at);
            if (entry.header.type == type) return entry.value;
        }
        return std::nullopt;
    }
    std::optional<unsigned> part(std::size_t range) {
        const auto word = info_of(range, static_cast<std::uint32_t>(wire::PpiType::kPacketId));
        return word ? std::optional((*word >> 8) & 0xFF) : std::nullopt;
    }

    static support::GuestOptions with_rsc() {
        support::GuestOptions options;
        options.spec.rsc = true;
        return options;
    }
    Guest guest{with_rsc()};
    support::TcpFrame flow{.tcp_options = 12};
};

TEST_F(RxPathCoalescing, MakesOneOfSegmentsInOrder) {
    deliver({segment(1000), segment(1000), segment(500, 0x18)});
    const auto parts = guest.frames();
    ASSERT_EQ(parts.size(), 3U);
    EXPECT_EQ(part(0), 3U);
    EXPECT_EQ(part(1), 1U);
    EXPECT_EQ(part(2), 5U);
    auto whole = parts[0] + parts[1] + parts[2];
    const support::TcpFrame one{.tcp_options = 12, .payload = 2500, .flags = 0x18};
    auto expected = support::tcp_frame(one);
    for (auto* const frame : {&whole, &expected}) {
        support::put_be(*frame, 24, 2, 0);  // checksums are stale
        support::put_be(*frame, 50, 2, 0);
    }
    EXPECT_EQ(whole, expected);
    EXPECT_EQ(guest.nic().counters().rx_coalesced, 1U);
    EXPECT_EQ(guest.nic().counters().rx_coalesced_segments, 3U);
}

TEST_F(RxPathCoalescing, SaysThatChecksumsAreGoodAndStale) {
    deliver({segment(100), segment(100)});
    EXPECT_EQ(info_of(0, 0), wire::kRxTcpGood | wire::kRxTcpValueInvalid | wire::kRxIpGood |
                                 wire::kRxIpValueInvalid);
    EXPECT_EQ(info_of(1, 0), std::nullopt);
}

TEST_F(RxPathCoalescing, CoalescesIpv6AndTagged) {
    flow.v6 = true;
    std::vector<Message> frames{segment(100), segment(100)};
    for (auto& each : frames) {
        each.insert(each.begin() + 12, 4, std::byte{0});
        support::put_be(each, 12, 4, 0x81006064);
    }
    deliver(frames);
    EXPECT_EQ(part(0), 3U);
    EXPECT_EQ(info_of(0, 6), wire::vlan_from_tci(0x6064));
    EXPECT_EQ(info_of(0, 0), wire::kRxTcpGood | wire::kRxTcpValueInvalid);
}

TEST_F(RxPathCoalescing, LeavesLonelySegmentsAsTheyAre) {
    const auto lonely = segment(100);
    deliver({lonely, frame(60)});
    EXPECT_EQ(part(0), std::nullopt);
    EXPECT_EQ(guest.frames(), (std::vector<Message>{lonely, frame(60)}));
    EXPECT_EQ(info_of(0, 0), wire::kRxTcpGood | wire::kRxIpGood);
}

TEST_F(RxPathCoalescing, EndsUnitAtPushAndAtOtherFrames) {
    deliver({segment(10), segment(10, 0x18), segment(10), frame(60), segment(10), segment(10)});
    EXPECT_EQ(part(0), 3U);
    EXPECT_EQ(part(1), 5U);
    EXPECT_EQ(part(2), std::nullopt);
    EXPECT_EQ(part(3), std::nullopt);
    EXPECT_EQ(part(4), 3U);
    EXPECT_EQ(part(5), 5U);
    EXPECT_EQ(guest.nic().counters().rx_coalesced, 2U);
}

TEST_F(RxPathCoalescing, StopsWhenSwitchedOff) {
    set_rsc(1);
    deliver({segment(100), segment(100)});
    EXPECT_EQ(part(0), std::nullopt);
    EXPECT_EQ(guest.nic().counters().rx_coalesced, 0U);
}

TEST_F(RxPathCoalescing, IsOfferedToGuestsThatKnowIt) {
    const auto offered = [this] {
        Message info;
        guest.query(wire::Oid::kOffloadHardwareCapabilities, info);
        return base::load_at<wire::NdisOffload>(info, 0).rsc[0];
    };
    EXPECT_EQ(offered(), 1);
    guest.start(wire::NvspVersion::kV6);
    EXPECT_EQ(offered(), 0);
    guest.capabilities = wire::kNvspCapIeee8021q;
    guest.start();
    EXPECT_EQ(offered(), 0);
}

/// The path alone, between a ring and a receive buffer.
class LoneRxPath : public testing::Test {
protected:
    static constexpr std::uint32_t kPacket = host::RxPath::kFramesPerPacket;

    LoneRxPath() {
        receive.attach(memory, wire::kReceiveBufferId, 1514);
        filter.set(wire::kNdisFilterPromiscuous);
    }
    void deliver(std::size_t count) {
        const Message bytes = frame(60);
        const std::vector<host::RxFrame> frames(count, {.bytes = bytes});
        path.deliver(frames, {.mtu = 1514, .filter = filter, .offload = offload});
    }
    std::uint32_t written() { return ring.view().page().in.load_relaxed(); }  // relaxed: one thread
    void set_read(std::uint32_t index) {
        ring.view().page().out.store_relaxed(index);  // relaxed: one thread
    }

    support::FlatRing ring{4096};
    std::vector<std::byte> memory = std::vector<std::byte>(1024 * 1806);
    host::ReceiveBuffer receive;
    support::CountingInterrupt interrupt;
    host::Counters counters;
    host::FaultEngine faults;
    host::SendBuffer sections;
    host::PacketFilter filter{{}};
    host::OffloadConfig offload;
    host::Outbox outbox{ring.view(), sections, interrupt, counters, faults};
    host::RxPath path{receive, 0, outbox, faults, counters};
};

TEST_F(LoneRxPath, GuestThatBreaksTheRingWithinABatchLosesTheRestOfIt) {
    deliver(kPacket);
    const std::uint32_t packet = written();
    // What the host knows of the guest's reading is old: there is room for one packet, not for two.
    while (4096 - 8 - written() >= 2 * packet) deliver(kPacket);
    set_read(written());
    const auto before = counters.rx_packets;
    ASSERT_GE(path.room(), 4 * kPacket);
    set_read(3);
    deliver(4 * kPacket);
    EXPECT_EQ(counters.rx_packets - before, kPacket) << "the packet that still had room";
    EXPECT_EQ(counters.dropped(host::Drop::kRxChannelStuck), 2 * kPacket)
        << "all but the packet that waits for a ring";
    EXPECT_TRUE(outbox.broken());
    EXPECT_EQ(path.room(), 0U);
}

}  // namespace
}  // namespace vmbus
