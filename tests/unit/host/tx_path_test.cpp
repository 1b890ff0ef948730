#include "host/tx_path.hpp"

#include <gtest/gtest.h>

#include "support/guest.hpp"
#include "support/tcp_frame.hpp"

namespace vmbus {
namespace {

using codec::PacketInfo;
using host::Violation;
using support::data_message;
using support::frame;
using support::Guest;
using support::Message;
using support::operator+;
using wire::NvspStatus;

/// A guest that may send.
class TxPath : public testing::Test {
protected:
    void SetUp() override { guest.start(); }

    std::optional<NvspStatus> send(const Message& rndis, std::uint32_t section = 0) {
        guest.send_section(section, rndis, 5);
        guest.run();
        return guest.status(5);
    }
    /// The message is refused, nothing is sent, and the rule has this name.
    void expect_refused(const Message& rndis, Violation violation) {
        EXPECT_EQ(send(rndis), NvspStatus::kFailure);
        EXPECT_EQ(guest.broken(violation), 1U) << to_string(violation);
        EXPECT_EQ(guest.nic().violations().total(), 1U);
        EXPECT_TRUE(guest.port.sent.empty());
    }
    /// A good message whose header has one field changed.
    static Message spoiled(std::size_t field, std::uint32_t value) {
        auto message = data_message(frame(60), {.has = PacketInfo::kVlan});
        base::store_at(message, field, value);
        return message;
    }
    host::NicCounters counters() { return guest.nic().counters(); }

    Guest guest;
};

// conformance: rndis_send_single_packet_message
TEST_F(TxPath, CarriesFrameOutOfSection) {
    EXPECT_EQ(send(data_message(frame(60))), NvspStatus::kSuccess);
    ASSERT_EQ(guest.port.sent.size(), 1U);
    EXPECT_EQ(guest.port.sent[0], frame(60));
    EXPECT_EQ(counters().tx_by_section, 2U + 1);  // with two of the start
    EXPECT_EQ(counters().tx_packets, 1U);
    EXPECT_EQ(counters().tx_bytes, 60U);
}

TEST_F(TxPath, CarriesFrameOutOfPages) {
    const auto message = data_message(frame(1514));
    guest.send_pages({message}, 5);
    guest.run();
    EXPECT_EQ(guest.status(5), NvspStatus::kSuccess);
    EXPECT_EQ(guest.port.sent.at(0), frame(1514));
    EXPECT_EQ(counters().tx_by_gpa, 1U);
}

TEST_F(TxPath, CarriesFrameOfManyPages) {
    const auto whole = frame(1514);
    const auto message = data_message(whole);
    const Message first(message.begin(), message.begin() + 44);
    const Message second(message.begin() + 44, message.begin() + 700);
    const Message third(message.begin() + 700, message.end());
    guest.send_pages({first, second, third}, 5);
    guest.run();
    EXPECT_EQ(guest.port.sent.at(0), whole);
}

TEST_F(TxPath, PutsSectionBeforePages) {
    const auto message = data_message(frame(1000));
    guest.send_pages({Message(message.begin() + 44, message.end())}, 5, 3,
                     base::Bytes(message).first(44));
    guest.run();
    EXPECT_EQ(guest.status(5), NvspStatus::kSuccess);
    EXPECT_EQ(guest.port.sent.at(0), frame(1000));
    EXPECT_EQ(counters().tx_by_both, 1U);
}

// conformance: rndis_send_multiple_packet_message
TEST_F(TxPath, CarriesSeveralFramesOfOneMessageInOrder) {
    Message all;
    for (int i = 0; i < 8; ++i) all = all + data_message(frame(61, i), {}, 3);
    EXPECT_EQ(send(all), NvspStatus::kSuccess);
    ASSERT_EQ(guest.port.sent.size(), 8U);
    for (int i = 0; i < 8; ++i) {
        EXPECT_EQ(guest.port.sent[static_cast<std::size_t>(i)], frame(61, i));
    }
    EXPECT_EQ(counters().tx_frames_per_message[7], 1U);
    EXPECT_EQ(guest.nic().violations().total(), 0U);
}

TEST_F(TxPath, HandsTurnToPortAtOnceAndInOrder) {
    for (std::uint32_t i = 0; i < 10; ++i) {
        guest.send_section(i, data_message(frame(60, static_cast<int>(i))), i);
    }
    guest.run();
    EXPECT_EQ(guest.port.transmits, 1);
    for (std::size_t i = 0; i < 10; ++i) {
        EXPECT_EQ(guest.port.sent[i], frame(60, static_cast<int>(i)));
    }
}

// conformance: rndis_send_multiple_packet_message
TEST_F(TxPath, RefusesWholeMessageWithOneBadFrame) {
    auto bad = data_message(frame(60));
    base::store_at(bad, 12, std::uint32_t{0});
    expect_refused(data_message(frame(60)) + bad, Violation::kRndisBadData);
    EXPECT_EQ(counters().dropped(host::Drop::kTxRefused), 2U);
    EXPECT_EQ(counters().tx_failures, 1U);
}

TEST_F(TxPath, RecordsMoreThanEightFramesAndCarriesThem) {
    Message all;
    for (int i = 0; i < 9; ++i) all = all + data_message(frame(60, i));
    EXPECT_EQ(send(all), NvspStatus::kSuccess);
    EXPECT_EQ(guest.port.sent.size(), 9U);
    EXPECT_EQ(guest.broken(Violation::kTooManyPackets), 1U);
}

TEST_F(TxPath, RefusesEndlessMessage) {
    Message all;
    for (int i = 0; i < 129; ++i) all = all + data_message(frame(14));
    guest.send_pages({all}, 5);
    guest.run();
    EXPECT_EQ(guest.status(5), NvspStatus::kFailure);
    EXPECT_TRUE(guest.port.sent.empty());
}

TEST_F(TxPath, CompletesInOrderWithStatusOfEach) {
    guest.send_section(0, data_message(frame(60)), 5);
    guest.send_section(1, support::text("no rndis message at all"), 6);
    guest.send_section(2, data_message(frame(60)), 7);
    guest.run();
    ASSERT_EQ(guest.inbox.size(), 3U);
    EXPECT_EQ(guest.inbox[0].id, 5U);
    EXPECT_EQ(guest.inbox[2].id, 7U);
    EXPECT_EQ(guest.status(6), NvspStatus::kFailure);
}

TEST_F(TxPath, LosesNoCompletionWhenRingIsFull) {
    Guest small({.ring_data = 4096, .send = 200 * 6144});
    small.start();
    for (std::uint32_t round = 0; round < 3; ++round) {
        for (std::uint32_t i = 0; i < 50; ++i) {
            small.send_section(round * 50 + i, data_message(frame(60)), 100 + round * 50 + i);
        }
        small.turn(3);
    }
    EXPECT_GT(small.reader->memory().page().pending_send_size.load_relaxed(), 0U);
    small.run();
    EXPECT_EQ(small.reader->memory().page().pending_send_size.load_relaxed(), 0U);
    for (std::uint64_t id = 100; id < 250; ++id) {
        EXPECT_EQ(small.status(id), NvspStatus::kSuccess) << id;
    }
}

// conformance: rndis_handle_packet_errors
TEST_F(TxPath, LivesOnAfterDataOutsideTheMessage) {
    EXPECT_EQ(send(spoiled(8, 5000)), NvspStatus::kFailure);
    EXPECT_EQ(send(spoiled(8, 5000)), NvspStatus::kFailure);
    EXPECT_EQ(send(data_message(frame(60))), NvspStatus::kSuccess);
    EXPECT_EQ(guest.port.sent.size(), 1U);
}

// conformance: vlan_tx_counter_increments
TEST_F(TxPath, PutsVlanTagIntoFrame) {
    const PacketInfo info{.has = PacketInfo::kVlan, .vlan = wire::vlan_from_tci(0x6064)};
    EXPECT_EQ(send(data_message(frame(60), info)), NvspStatus::kSuccess);
    const auto& sent = guest.port.sent.at(0);
    ASSERT_EQ(sent.size(), 64U);
    const auto whole = frame(60);
    EXPECT_TRUE(std::equal(sent.begin(), sent.begin() + 12, whole.begin()));
    EXPECT_EQ(Message(sent.begin() + 12, sent.begin() + 16),
              (Message{std::byte{0x81}, std::byte{0}, std::byte{0x60}, std::byte{0x64}}));
    EXPECT_TRUE(std::equal(sent.begin() + 16, sent.end(), whole.begin() + 12));
    EXPECT_EQ(counters().tx_vlan_tags, 1U);
}

TEST_F(TxPath, PutsPriorityAndDropEligibilityIntoTag) {
    const PacketInfo info{.has = PacketInfo::kVlan, .vlan = 5U | 1U << 3 | 0xABCU << 4};
    EXPECT_EQ(send(data_message(frame(60), info)), NvspStatus::kSuccess);
    EXPECT_EQ(support::be_at(guest.port.sent.at(0), 12, 4), 0x8100BABCU);
}

TEST_F(TxPath, AllowsTagInLineOnTopOfMtu) {
    auto tagged = frame(1518);
    tagged[12] = std::byte{0x81};
    tagged[13] = std::byte{0x00};
    EXPECT_EQ(send(data_message(tagged)), NvspStatus::kSuccess);
    EXPECT_EQ(guest.port.sent.at(0), tagged);
}

TEST_F(TxPath, RefusesFrameAboveMtu) {
    expect_refused(data_message(frame(1515)), Violation::kOversizedFrame);
}

TEST_F(TxPath, DropsWhatNetworkDoesNotCarry) {
    guest.start(wire::NvspVersion::kV5, 9014);
    EXPECT_EQ(send(data_message(frame(2000))), NvspStatus::kSuccess);
    EXPECT_TRUE(guest.port.sent.empty());
    EXPECT_EQ(counters().dropped(host::Drop::kTxAboveMtu), 1U);
}

TEST_F(TxPath, RefusesFrameWithoutEthernetHeader) {
    expect_refused(data_message(Message(13)), Violation::kUndersizedFrame);
}

// conformance: rndis_handle_packet_errors
TEST_F(TxPath, RefusesEachMalformedHeader) {
    const std::pair<Message, Violation> cases[] = {
        {Message(7), Violation::kRndisShort},
        {spoiled(4, 43), Violation::kRndisBadLength},
        {spoiled(4, 5000), Violation::kRndisBadLength},
        {spoiled(8, 0xFFFFFFF8), Violation::kRndisBadData},
        {spoiled(12, 61), Violation::kRndisBadData},
        {spoiled(16, 1), Violation::kRndisBadOob},
        {spoiled(28, 35), Violation::kRndisBadPpiArea},
        {spoiled(32, 17), Violation::kRndisBadPpiArea},
        {spoiled(44, 0), Violation::kRndisBadPpi},
        {spoiled(52, 13), Violation::kRndisBadPpi},
        {data_message(frame(60)) + Message(44), Violation::kRndisNotAPacket},
        {data_message(frame(60), {.has = PacketInfo::kLso}), Violation::kBadLsoRequest},
    };
    for (const auto& [message, violation] : cases) {
        Guest fresh;
        fresh.start();
        fresh.send_section(0, message, 5);
        fresh.run();
        EXPECT_EQ(fresh.status(5), NvspStatus::kFailure) << to_string(violation);
        EXPECT_EQ(fresh.broken(violation), 1U) << to_string(violation);
        EXPECT_TRUE(fresh.port.sent.empty());
    }
}

TEST_F(TxPath, RefusesSamePpiTwice) {
    auto message = data_message(frame(60), {.has = PacketInfo::kVlan | PacketInfo::kChecksum});
    base::store_at(message, 44 + 16 + 4, static_cast<std::uint32_t>(wire::PpiType::kVlan));
    expect_refused(message, Violation::kRndisDuplicatePpi);
}

TEST_F(TxPath, RefusesHeaderAcrossRanges) {
    const auto message = data_message(frame(60), {.has = PacketInfo::kVlan});
    guest.send_pages({Message(message.begin(), message.begin() + 50),
                      Message(message.begin() + 50, message.end())},
                     5);
    guest.run();
    EXPECT_EQ(guest.status(5), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kRndisHeaderAcrossRanges), 1U);
}

TEST_F(TxPath, RefusesPagesThatAreNotTheGuests) {
    guest.send_pages({data_message(frame(60))}, 5);
    guest.memory.pages.clear();
    guest.run();
    EXPECT_EQ(guest.status(5), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kGpaOutsideMemory), 1U);
}

TEST_F(TxPath, RefusesMalformedRangeList) {
    Message list(40);
    base::store_at(list, 4, std::uint32_t{1});
    base::store_at(list, 8, std::uint32_t{0});  // an empty range
    const auto payload = support::nvsp(wire::NvspSendRndisPacket{107, 0, UINT32_MAX, 0});
    guest.send({.type = wire::PacketType::kGpaDirect,
                .completion_requested = true,
                .transaction_id = 5,
                .header = list,
                .payload = payload});
    guest.run();
    EXPECT_EQ(guest.status(5), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kBadGpaList), 1U);
}

TEST_F(TxPath, RefusesMessageAboveLimit) {
    guest.send_pages({Message(host::TxPath::kMaxMessageBytes + 1)}, 5);
    guest.run();
    EXPECT_EQ(guest.status(5), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kMessageTooLarge), 1U);
}

TEST_F(TxPath, RefusesMessageWithoutBytes) {
    guest.send_nvsp(support::nvsp(wire::NvspSendRndisPacket{107, 0, UINT32_MAX, 0}), 5);
    guest.run();
    EXPECT_EQ(guest.status(5), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kNoExternalData), 1U);
}

TEST_F(TxPath, RefusesSectionOutsideBuffer) {
    guest.send_nvsp(support::nvsp(wire::NvspSendRndisPacket{107, 0, 16, 100}), 5);
    guest.send_nvsp(support::nvsp(wire::NvspSendRndisPacket{107, 0, 0, 6145}), 6);
    guest.run();
    EXPECT_EQ(guest.status(5), NvspStatus::kFailure);
    EXPECT_EQ(guest.status(6), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kBadSectionIndex), 1U);
    EXPECT_EQ(guest.broken(Violation::kBadSectionLength), 1U);
}

TEST_F(TxPath, RefusesSectionBeforeItsCompletion) {
    guest.send_section(0, data_message(frame(60)), 5);
    guest.send_section(0, data_message(frame(60)), 6);
    guest.run();
    EXPECT_EQ(guest.status(5), NvspStatus::kSuccess);
    EXPECT_EQ(guest.status(6), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kSectionReused), 1U);
    EXPECT_EQ(send(data_message(frame(60))), NvspStatus::kSuccess);
}

TEST_F(TxPath, RefusesMessageWithoutCompletionFlag) {
    const auto message = data_message(frame(60));
    std::copy(message.begin(), message.end(), guest.section(0).begin());
    guest.send_nvsp(support::nvsp(wire::NvspSendRndisPacket{
                        107, 0, 0, static_cast<std::uint32_t>(message.size())}),
                    5, false);
    guest.run();
    EXPECT_EQ(guest.broken(Violation::kMissingCompletionFlag), 1U);
    EXPECT_TRUE(guest.port.sent.empty());
}

TEST_F(TxPath, RefusesDataBeforeInitialize) {
    guest.open();
    guest.handshake();
    expect_refused(data_message(frame(60)), Violation::kDataBeforeInitialize);
}

// conformance: rndis_send_tcp_checksum_packet
TEST_F(TxPath, CompletesChecksumsInCopy) {
    auto packet = frame(60);
    std::fill(packet.begin() + 12, packet.end(), std::byte{0});
    packet[12] = std::byte{0x08};
    packet[14] = std::byte{0x45};
    packet[17] = std::byte{46};
    packet[23] = std::byte{17};
    const PacketInfo info{
        .has = PacketInfo::kChecksum,
        .checksum = wire::kTxChecksumIpv4 | wire::kTxChecksumUdp | wire::kTxChecksumIpHeader};
    EXPECT_EQ(send(data_message(packet, info)), NvspStatus::kSuccess);
    const auto& sent = guest.port.sent.at(0);
    EXPECT_NE(base::load_at<std::uint16_t>(sent, 24), 0U);
    EXPECT_NE(base::load_at<std::uint16_t>(sent, 40), 0U);
    EXPECT_EQ(base::load_at<std::uint16_t>(base::Bytes(guest.section(0)).subspan(60), 24), 0U);
}

// conformance: rndis_send_tcp_checksum_packet_with_vlan_ppi
TEST_F(TxPath, TagInTheInfoMovesNoHeader) {
    auto packet = frame(60);
    std::fill(packet.begin() + 12, packet.end(), std::byte{0});
    packet[12] = std::byte{0x08};
    packet[14] = std::byte{0x45};
    packet[17] = std::byte{46};
    packet[23] = std::byte{17};
    PacketInfo info{.has = PacketInfo::kChecksum,
                    .checksum = wire::kTxChecksumIpv4 | wire::kTxChecksumUdp |
                                34U << wire::kTxChecksumOffsetShift};
    EXPECT_EQ(send(data_message(packet, info)), NvspStatus::kSuccess);
    info.has |= PacketInfo::kVlan;
    info.vlan = wire::vlan_from_tci(100);
    EXPECT_EQ(send(data_message(packet, info)), NvspStatus::kSuccess);
    const auto& plain = guest.port.sent.at(0);
    const auto& tagged = guest.port.sent.at(1);
    ASSERT_EQ(tagged.size(), plain.size() + 4);
    EXPECT_TRUE(std::equal(plain.begin() + 12, plain.end(), tagged.begin() + 16));
}

TEST_F(TxPath, RefusesChecksumThatContradictsFrame) {
    const PacketInfo info{.has = PacketInfo::kChecksum,
                          .checksum = wire::kTxChecksumIpv6 | wire::kTxChecksumTcp};
    expect_refused(data_message(frame(60), info), Violation::kBadChecksumRequest);
}

PacketInfo lso(std::uint32_t mss, std::uint32_t offset = 34) {
    return {.has = PacketInfo::kLso, .lso = mss | offset << wire::kLsoOffsetShift | wire::kLsoV2};
}

/// A TCP frame without a checksum, and the request to compute it.
PacketInfo wants_tcp_checksum(const support::TcpFrame& fields, Message& frame, bool offset) {
    frame = support::tcp_frame(fields);
    support::put_be(frame, fields.tcp_offset() + 16, 2, 0x4321);
    const auto at = static_cast<std::uint32_t>(offset ? fields.tcp_offset() : 0);
    return {.has = PacketInfo::kChecksum,
            .checksum = (fields.v6 ? wire::kTxChecksumIpv6 : wire::kTxChecksumIpv4) |
                        wire::kTxChecksumTcp | at << wire::kTxChecksumOffsetShift};
}

// conformance: rndis_send_tcp_checksum_packet
TEST_F(TxPath, ComputesTcpChecksum) {
    Message left;
    const auto info = wants_tcp_checksum({.ip_options = 4, .payload = 100}, left, true);
    EXPECT_EQ(send(data_message(left, info)), NvspStatus::kSuccess);
    EXPECT_TRUE(support::tcp_sums_right(guest.port.sent.at(0)));
}

// conformance: rndis_send_tcp_checksum_packet_zero_transport_header_offset_ipv4
// conformance: rndis_send_tcp_checksum_packet_zero_transport_header_offset_ipv6
TEST_F(TxPath, TakesTransportOffsetZeroForShortestHeaders) {
    for (const bool v6 : {false, true}) {
        Message left;
        const auto info = wants_tcp_checksum({.v6 = v6, .payload = 99}, left, false);
        EXPECT_EQ(send(data_message(left, info)), NvspStatus::kSuccess);
        EXPECT_TRUE(support::tcp_sums_right(guest.port.sent.back()));
    }
}

// conformance: rndis_send_tcp_checksum_packet_with_vlan_ppi
TEST_F(TxPath, ComputesTcpChecksumAndTags) {
    Message left;
    auto info = wants_tcp_checksum({.payload = 100}, left, true);
    info.has |= PacketInfo::kVlan;
    info.vlan = wire::vlan_from_tci(0x6064);
    EXPECT_EQ(send(data_message(left, info)), NvspStatus::kSuccess);
    auto sent = guest.port.sent.at(0);
    EXPECT_EQ(support::be_at(sent, 12, 4), 0x81006064U);
    sent.erase(sent.begin() + 12, sent.begin() + 16);
    EXPECT_TRUE(support::tcp_sums_right(sent));
    EXPECT_EQ(counters().tx_vlan_tags, 1U);
}

// conformance: rndis_send_lso_packet
TEST_F(TxPath, CutsLargeSend) {
    EXPECT_EQ(send(data_message(support::tcp_frame({.payload = 4000}), lso(1460))),
              NvspStatus::kSuccess);
    ASSERT_EQ(guest.port.sent.size(), 3U);
    for (const auto& sent : guest.port.sent) EXPECT_TRUE(support::tcp_sums_right(sent));
    EXPECT_EQ(guest.port.sent[2].size(), 54U + 4000 - 2 * 1460);
    EXPECT_EQ(counters().tx_large_sends, 1U);
    EXPECT_EQ(counters().tx_segments, 3U);
    EXPECT_EQ(counters().tx_packets, 3U);
    EXPECT_EQ(guest.nic().violations().total(), 0U);
}

TEST_F(TxPath, CutsLargestSendOutOfPages) {
    guest.send_pages({data_message(support::tcp_frame({.payload = 62780}), lso(1460))}, 5);
    guest.run();
    EXPECT_EQ(guest.status(5), NvspStatus::kSuccess);
    EXPECT_EQ(guest.port.sent.size(), 43U);
    EXPECT_EQ(counters().tx_bytes, 62780U + 43 * 54);
    EXPECT_EQ(guest.nic().violations().total(), 0U);
}

TEST_F(TxPath, RecordsSendAboveAnnouncedSizeAndCarriesIt) {
    guest.send_pages({data_message(support::tcp_frame({.payload = 62781}), lso(1460))}, 5);
    guest.run();
    EXPECT_EQ(guest.status(5), NvspStatus::kSuccess);
    EXPECT_EQ(guest.port.sent.size(), 44U);
    EXPECT_EQ(guest.broken(Violation::kLsoTooLarge), 1U);
}

// conformance: rndis_send_lso_packet_with_vlan_ppi
TEST_F(TxPath, TagsEachSegment) {
    auto info = lso(1460);
    info.has |= PacketInfo::kVlan;
    info.vlan = wire::vlan_from_tci(0x6064);
    EXPECT_EQ(send(data_message(support::tcp_frame({.payload = 2000}), info)),
              NvspStatus::kSuccess);
    ASSERT_EQ(guest.port.sent.size(), 2U);
    for (auto sent : guest.port.sent) {
        EXPECT_EQ(support::be_at(sent, 12, 4), 0x81006064U);
        sent.erase(sent.begin() + 12, sent.begin() + 16);
        EXPECT_TRUE(support::tcp_sums_right(sent));
    }
}

TEST_F(TxPath, KeepsOrderAroundLargeSends) {
    const auto large = data_message(support::tcp_frame({.payload = 2000}), lso(1460));
    EXPECT_EQ(send(data_message(frame(60, 1)) + large + data_message(frame(60, 2))),
              NvspStatus::kSuccess);
    ASSERT_EQ(guest.port.sent.size(), 4U);
    EXPECT_EQ(guest.port.sent[0], frame(60, 1));
    EXPECT_EQ(guest.port.sent[1].size(), 1514U);
    EXPECT_EQ(guest.port.sent[3], frame(60, 2));
}

TEST_F(TxPath, SendsNothingOfLargeSendInRefusedMessage) {
    const auto large = data_message(support::tcp_frame({.payload = 2000}), lso(1460));
    expect_refused(large + data_message(Message(13)), Violation::kUndersizedFrame);
    EXPECT_EQ(send(data_message(frame(60))), NvspStatus::kSuccess);
    EXPECT_EQ(guest.port.sent.size(), 1U);
}

// conformance: rndis_send_lso_packet_invalid_tcp_header_offset
TEST_F(TxPath, RefusesLargeSendWithOffsetBehindFrame) {
    expect_refused(data_message(support::tcp_frame({.payload = 6}), lso(1460, 100)),
                   Violation::kBadLsoRequest);
}

TEST_F(TxPath, RefusesSegmentsAboveMtu) {
    expect_refused(data_message(support::tcp_frame({.payload = 3000}), lso(1461)),
                   Violation::kOversizedFrame);
}

TEST_F(TxPath, DropsSegmentsThatNetworkDoesNotCarry) {
    guest.start(wire::NvspVersion::kV5, 9014);
    EXPECT_EQ(send(data_message(support::tcp_frame({.payload = 4000}), lso(3000))),
              NvspStatus::kSuccess);
    EXPECT_EQ(counters().dropped(host::Drop::kTxAboveMtu), 1U);
}

TEST(TxPathWithoutLso, RefusesLargeSend) {
    support::GuestOptions options;
    options.spec.lso = false;
    Guest guest(options);
    guest.start();
    guest.send_section(0, data_message(support::tcp_frame({.payload = 3000}), lso(1460)), 5);
    guest.run();
    EXPECT_EQ(guest.status(5), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kLsoNotOffered), 1U);
}

}  // namespace
}  // namespace vmbus
