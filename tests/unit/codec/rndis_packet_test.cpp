#include "codec/rndis_packet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "support/golden.hpp"

namespace {

using namespace vmbus;
using namespace vmbus::codec;
using test::golden;
using testing::ElementsAreArray;

using Message = std::vector<std::byte>;
constexpr std::uint32_t kFrameBytes = 60;
constexpr std::uint32_t kVlanPriority3Id100 = 0x643;
constexpr std::uint32_t kTcpOverIpv4At34 =
    wire::kTxChecksumIpv4 | wire::kTxChecksumTcp | 34U << wire::kTxChecksumOffsetShift;

base::Bytes frame() {
    static const auto message = golden("rndis_packet_plain");
    return base::Bytes(message).last(kFrameBytes);
}

struct Parsed {
    RndisPacketError error{};
    PacketBounds bounds{};
    PacketInfo info{};
};
Parsed parse(base::Bytes message) {
    Parsed parsed;
    parsed.error = parse_packet(message, parsed.bounds, parsed.info);
    return parsed;
}

/// Header and infos as the builder writes them, then the golden frame.
Message build(const PacketInfo& info, std::uint32_t padding = 0) {
    Message message(packet_head_bytes(info.has));
    EXPECT_EQ(build_packet_head(message, info, kFrameBytes, padding), message.size());
    message.insert(message.end(), frame().begin(), frame().end());
    message.resize(message.size() + padding);
    return message;
}

// Byte offsets of the header's fields (MS-RNDIS, REMOTE_NDIS_PACKET_MSG).
constexpr std::size_t kType = 0, kLength = 4, kDataOffset = 8, kDataLength = 12, kOobOffset = 16,
                      kOobLength = 20, kOobCount = 24, kPpiOffset = 28, kPpiLength = 32;
// And of the first per-packet info.
constexpr std::size_t kPpiSize = 44, kPpiType = 48, kPpiDataOffset = 52, kSecondPpi = 16;

/// The golden packet with two infos and one word changed.
RndisPacketError with(std::size_t offset, std::uint32_t word) {
    auto message = golden("rndis_packet_tx_checksum_vlan");
    base::store_at(message, offset, word);
    return parse(message).error;
}

// ---- Golden bytes, both directions.

TEST(RndisPacket, PlainFrameHasItsGoldenBytes) {
    EXPECT_EQ(build({}), golden("rndis_packet_plain"));
    const auto message = golden("rndis_packet_plain");
    const auto parsed = parse(message);
    EXPECT_EQ(parsed.error, RndisPacketError::kNone);
    EXPECT_EQ(parsed.info.has, 0);
    EXPECT_EQ(parsed.bounds.data_offset, 44U);
    EXPECT_EQ(parsed.bounds.data_length, kFrameBytes);
    EXPECT_EQ(parsed.bounds.ppi_length, 0U);
}

TEST(RndisPacket, ChecksumAndVlanHaveTheirGoldenBytes) {
    PacketInfo info;
    info.has = PacketInfo::kChecksum | PacketInfo::kVlan;
    info.checksum = kTcpOverIpv4At34;
    info.vlan = wire::vlan_from_tci(3U << 13 | 100U);
    EXPECT_EQ(build(info), golden("rndis_packet_tx_checksum_vlan"));
}

TEST(RndisPacket, ChecksumAndVlanAreReadFromGoldenBytes) {
    const auto parsed = parse(golden("rndis_packet_tx_checksum_vlan"));
    EXPECT_EQ(parsed.error, RndisPacketError::kNone);
    EXPECT_EQ(parsed.info.has, PacketInfo::kChecksum | PacketInfo::kVlan);
    EXPECT_EQ(parsed.info.checksum, kTcpOverIpv4At34);
    EXPECT_EQ(parsed.info.vlan, kVlanPriority3Id100);
    EXPECT_EQ(parsed.bounds.data_offset, 76U);
    EXPECT_EQ(parsed.bounds.ppi_offset, 44U);
    EXPECT_EQ(parsed.bounds.ppi_length, 32U);
}

TEST(RndisPacket, LargeSendHeadHasItsGoldenBytes) {
    PacketInfo info;
    info.has = PacketInfo::kLso;
    info.lso = 1460U | 34U << 20 | 1U << 30;
    Message head(packet_head_bytes(info.has));
    build_packet_head(head, info, 4434);
    EXPECT_EQ(head, golden("rndis_packet_tx_lso"));
}

TEST(RndisPacket, HeaderAloneIsEnoughForTheBoundsOfALargeSend) {
    const auto head = golden("rndis_packet_tx_lso");
    PacketBounds bounds;
    EXPECT_EQ(parse_packet_header(base::load_at<wire::RndisPacket>(head, 0), 4494, bounds),
              RndisPacketError::kNone);
    EXPECT_EQ(bounds.data_offset, 60U);
    EXPECT_EQ(bounds.data_length, 4434U);
}

TEST(RndisPacket, HostPacketWithItsFrameAtByte256IsRead) {
    const auto message = golden("rndis_packet_rx");
    const auto parsed = parse(message);
    EXPECT_EQ(parsed.error, RndisPacketError::kNone);
    EXPECT_EQ(parsed.bounds.message_length, 1806U);
    EXPECT_EQ(parsed.bounds.data_offset, 256U);
    EXPECT_THAT(base::Bytes(message).subspan(256, parsed.bounds.data_length),
                ElementsAreArray(frame()));
    EXPECT_EQ(parsed.info.has, PacketInfo::kChecksum | PacketInfo::kVlan);
    EXPECT_EQ(parsed.info.checksum, wire::kRxTcpGood | wire::kRxIpGood);
    EXPECT_EQ(wire::vlan_to_tci(parsed.info.vlan), 0xBABC);
}

TEST(RndisPacket, MessagesOfABatchFollowOneAnotherByTheirLength) {
    const auto batch = golden("rndis_packet_batch");
    const auto first = parse(batch);
    EXPECT_EQ(first.error, RndisPacketError::kNone);
    EXPECT_EQ(first.bounds.data_length, 61U);
    EXPECT_EQ(first.bounds.message_length, 112U);
    const auto second = parse(base::Bytes(batch).subspan(first.bounds.message_length));
    EXPECT_EQ(second.error, RndisPacketError::kNone);
    EXPECT_EQ(second.bounds.message_length, 104U);
}

TEST(RndisPacket, PaddingCountsInTheMessageButNotInTheFrame) {
    const auto parsed = parse(build({}, 4));
    EXPECT_EQ(parsed.error, RndisPacketError::kNone);
    EXPECT_EQ(parsed.bounds.message_length, 108U);
    EXPECT_EQ(parsed.bounds.data_length, kFrameBytes);
}

// ---- Refusals.

TEST(RndisPacket, LessThanAHeaderIsShort) {
    const auto message = golden("rndis_packet_plain");
    EXPECT_EQ(parse({}).error, RndisPacketError::kShort);
    EXPECT_EQ(parse(base::Bytes(message).first(43)).error, RndisPacketError::kShort);
    PacketBounds bounds;
    EXPECT_EQ(parse_packet_header(base::load_at<wire::RndisPacket>(message, 0), 43, bounds),
              RndisPacketError::kShort);
}

TEST(RndisPacket, OtherMessageTypesAreNotAPacket) {
    EXPECT_EQ(with(kType, 7), RndisPacketError::kNotAPacket);
    EXPECT_EQ(with(kType, 0), RndisPacketError::kNotAPacket);
}

TEST(RndisPacket, LengthOutsideHeaderAndBytesIsRefused) {
    EXPECT_EQ(with(kLength, 43), RndisPacketError::kBadLength);
    EXPECT_EQ(with(kLength, 0), RndisPacketError::kBadLength);
    EXPECT_EQ(with(kLength, 137), RndisPacketError::kBadLength);
    EXPECT_EQ(with(kLength, 0xFFFFFFFF), RndisPacketError::kBadLength);
    const auto message = golden("rndis_packet_plain");
    EXPECT_EQ(parse(base::Bytes(message).first(103)).error, RndisPacketError::kBadLength);
}

TEST(RndisPacket, FrameMustLieInsideTheMessage) {
    EXPECT_EQ(with(kLength, 135), RndisPacketError::kBadData);
    EXPECT_EQ(with(kDataLength, 61), RndisPacketError::kBadData);
    EXPECT_EQ(with(kDataLength, 59), RndisPacketError::kNone);
    EXPECT_EQ(with(kDataOffset, 69), RndisPacketError::kBadData);
    EXPECT_EQ(with(kDataOffset, 35), RndisPacketError::kBadData);
    EXPECT_EQ(with(kDataOffset, 0), RndisPacketError::kBadData);
}

TEST(RndisPacket, EmptyFrameIsRefused) {
    EXPECT_EQ(with(kDataLength, 0), RndisPacketError::kBadData);
}

TEST(RndisPacket, FrameWhoseOffsetsWrapRoundIsRefused) {
    for (const std::uint32_t offset : {0xFFFFFFF8U, 0xFFFFFFFFU, 0xFFFFFFFCU, 0x80000000U}) {
        EXPECT_EQ(with(kDataOffset, offset), RndisPacketError::kBadData) << offset;
    }
    EXPECT_EQ(with(kDataLength, 0xFFFFFFFF), RndisPacketError::kBadData);
    EXPECT_EQ(with(kDataLength, 0U - 68U), RndisPacketError::kBadData);
}

TEST(RndisPacket, OutOfBandDataIsRefused) {
    EXPECT_EQ(with(kOobOffset, 36), RndisPacketError::kBadOob);
    EXPECT_EQ(with(kOobLength, 1), RndisPacketError::kBadOob);
    EXPECT_EQ(with(kOobCount, 1), RndisPacketError::kBadOob);
}

TEST(RndisPacket, InfoAreaMustLieInsideTheMessageAndBesideTheFrame) {
    EXPECT_EQ(with(kPpiOffset, 35), RndisPacketError::kBadPpiArea);
    EXPECT_EQ(with(kPpiOffset, 37), RndisPacketError::kBadPpiArea);
    EXPECT_EQ(with(kPpiOffset, 128), RndisPacketError::kBadPpiArea);
    EXPECT_EQ(with(kPpiOffset, 0xFFFFFFF8), RndisPacketError::kBadPpiArea);
    EXPECT_EQ(with(kPpiLength, 33), RndisPacketError::kBadPpiArea);
    EXPECT_EQ(with(kPpiLength, 0xFFFFFFFF), RndisPacketError::kBadPpiArea);
    EXPECT_EQ(with(kPpiLength, 0U - 36U), RndisPacketError::kBadPpiArea);
}

TEST(RndisPacket, InfoAreaMayStandBehindTheFrame) {
    auto message = golden("rndis_packet_plain");
    const auto donor = golden("rndis_packet_tx_checksum_vlan");
    message.insert(message.end(), donor.begin() + 44, donor.begin() + 76);
    base::store_at(message, kLength, static_cast<std::uint32_t>(message.size()));
    base::store_at(message, kPpiOffset, 96U);
    base::store_at(message, kPpiLength, 32U);
    EXPECT_EQ(parse(message).error, RndisPacketError::kNone);
    EXPECT_EQ(parse(message).info.vlan, kVlanPriority3Id100);
    base::store_at(message, kPpiOffset, 95U);
    EXPECT_EQ(parse(message).error, RndisPacketError::kBadPpiArea);
}

TEST(RndisPacket, OffsetOfAnEmptyInfoAreaIsNotLookedAt) {
    auto message = golden("rndis_packet_plain");
    base::store_at(message, kPpiOffset, 0xFFFFFFFFU);
    EXPECT_EQ(parse(message).error, RndisPacketError::kNone);
}

// defect: 4.3-4 an entry of size 0 ends the walk
TEST(RndisPacket, InfoEntryOfImpossibleSizeIsRefused) {
    EXPECT_EQ(with(kPpiSize, 0), RndisPacketError::kBadPpi);
    EXPECT_EQ(with(kPpiSize, 11), RndisPacketError::kBadPpi);
    EXPECT_EQ(with(kPpiSize, 12), RndisPacketError::kBadPpi);  // no room for the VLAN word
    EXPECT_EQ(with(kPpiSize, 33), RndisPacketError::kBadPpi);
    EXPECT_EQ(with(kPpiSize, 0xFFFFFFFF), RndisPacketError::kBadPpi);
    EXPECT_EQ(with(kPpiSize, 24), RndisPacketError::kBadPpi);  // 8 bytes are no entry
}

TEST(RndisPacket, InfoEntryMayFillTheArea) {
    EXPECT_EQ(with(kPpiSize, 32), RndisPacketError::kNone);
}

// defect: 4.3-4 data lies where its offset says, inside the entry
TEST(RndisPacket, InfoDataOutsideItsEntryIsRefused) {
    EXPECT_EQ(with(kPpiDataOffset, 11), RndisPacketError::kBadPpi);
    EXPECT_EQ(with(kPpiDataOffset, 13), RndisPacketError::kBadPpi);
    EXPECT_EQ(with(kPpiDataOffset, 17), RndisPacketError::kBadPpi);
    EXPECT_EQ(with(kPpiDataOffset, 0), RndisPacketError::kBadPpi);
    EXPECT_EQ(with(kPpiDataOffset, 0xFFFFFFFC), RndisPacketError::kBadPpi);
}

TEST(RndisPacket, UnknownInfoMustHaveItsDataInsideToo) {
    auto message = golden("rndis_packet_tx_checksum_vlan");
    base::store_at(message, kPpiType, 7U);
    base::store_at(message, kPpiDataOffset, 17U);
    EXPECT_EQ(parse(message).error, RndisPacketError::kBadPpi);
}

TEST(RndisPacket, SameInfoTwiceIsRefused) {
    EXPECT_EQ(with(kPpiType, 0), RndisPacketError::kDuplicatePpi);
    EXPECT_EQ(with(kPpiType + kSecondPpi, 6), RndisPacketError::kDuplicatePpi);
}

TEST(RndisPacket, UnknownAndInternalInfosAreSkipped) {
    for (const std::uint32_t type : {1U, 7U, wire::kPpiInternal | 0U, wire::kPpiInternal | 2U}) {
        auto message = golden("rndis_packet_tx_checksum_vlan");
        base::store_at(message, kPpiType, type);
        EXPECT_EQ(parse(message).error, RndisPacketError::kNone) << type;
        EXPECT_EQ(parse(message).info.has, PacketInfo::kChecksum) << type;
    }
}

TEST(RndisPacket, EveryErrorHasAName) {
    for (std::size_t error = 0; error < kRndisPacketErrors; ++error) {
        EXPECT_STRNE(to_string(static_cast<RndisPacketError>(error)), "unknown");
    }
}

// ---- Any input.

RC_GTEST_PROP(RndisPacketProperty, AnyInfosComeBackAsTheyWereBuilt,
              (std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d,
               std::uint32_t e)) {
    for (unsigned has = 0; has < 64; ++has) {
        const PacketInfo info{static_cast<std::uint8_t>(has), a, b, c, d, e, a ^ b};
        const auto parsed = parse(build(info, a % 8));
        RC_ASSERT(parsed.error == RndisPacketError::kNone);
        RC_ASSERT(parsed.info.has == has);
        RC_ASSERT(parsed.info.checksum == (has & PacketInfo::kChecksum ? a : 0));
        RC_ASSERT(parsed.info.lso == (has & PacketInfo::kLso ? b : 0));
        RC_ASSERT(parsed.info.vlan == (has & PacketInfo::kVlan ? c : 0));
        RC_ASSERT(parsed.info.hash_value == (has & PacketInfo::kHashValue ? d : 0));
        RC_ASSERT(parsed.info.hash_info == (has & PacketInfo::kHashInfo ? e : 0));
        RC_ASSERT(parsed.info.packet_id == (has & PacketInfo::kPacketId ? a ^ b : 0));
        RC_ASSERT(parsed.bounds.data_offset == packet_head_bytes(info.has));
    }
}

/// Mutated golden packets: a random word at a random place, several times.
RC_GTEST_PROP(RndisPacketProperty, BoundsLieInsideWhateverWasSent,
              (std::vector<std::pair<std::uint8_t, std::uint32_t>> changes)) {
    auto message = golden("rndis_packet_tx_checksum_vlan");
    for (const auto& [at, word] : changes) {
        base::store_at(message, at % (message.size() - 3), word % 2 != 0 ? word : word % 256);
    }
    const auto [error, bounds, info] = parse(message);
    if (error != RndisPacketError::kNone) return;
    RC_ASSERT(bounds.message_length <= message.size());
    RC_ASSERT(bounds.data_length > 0U);
    RC_ASSERT(bounds.data_offset <= bounds.message_length);
    RC_ASSERT(bounds.data_length <= bounds.message_length - bounds.data_offset);
    RC_ASSERT(bounds.ppi_offset <= bounds.message_length);
    RC_ASSERT(bounds.ppi_length <= bounds.message_length - bounds.ppi_offset);
}

RC_GTEST_PROP(RndisPacketProperty, RandomInfoAreasAreReadOrRefused,
              (std::vector<std::uint8_t> area)) {
    PacketInfo info;
    const auto error = parse_packet_info(std::as_bytes(std::span(area)), info);
    RC_ASSERT(error == RndisPacketError::kNone || error == RndisPacketError::kBadPpi ||
              error == RndisPacketError::kDuplicatePpi);
}

}  // namespace
