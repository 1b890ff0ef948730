// Bytes as they appear on the wire against our structs, one known answer for each family.
// Sources: facts of the formats as published (MS-RNDIS 2.2, ntddndis.h, Linux hyperv_net.h).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <initializer_list>
#include <vector>

#include "base/bytes.hpp"
#include "wire/ndis.hpp"
#include "wire/nvsp.hpp"
#include "wire/oid.hpp"
#include "wire/packet.hpp"
#include "wire/ring_page.hpp"
#include "wire/rndis.hpp"
#include "wire/rndis_ppi.hpp"
#include "wire/signal_pages.hpp"

namespace vmbus::wire {
namespace {

/// The bytes of a wire struct as numbers, so that a failure prints them.
template <WireType T>
std::vector<unsigned> bytes(const T& value) {
    std::vector<unsigned> numbers;
    for (const std::byte byte : base::bytes_of(value))
        numbers.push_back(std::to_integer<unsigned>(byte));
    return numbers;
}
using Bytes = std::vector<unsigned>;

template <class E>
constexpr std::uint32_t number(E value) {
    return static_cast<std::uint32_t>(value);
}

TEST(PacketBytes, Descriptor) {
    EXPECT_EQ(bytes(PacketDescriptor{7, 3, 0x0104, 1, 0x8877665544332211}),
              (Bytes{7, 0, 3, 0, 4, 1, 1, 0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88}));
}

TEST(PacketBytes, TransferPages) {
    EXPECT_EQ(bytes(TransferPagesHeader{0xCAFE, 0, 2}), (Bytes{0xFE, 0xCA, 0, 0, 2, 0, 0, 0}));
    EXPECT_EQ(bytes(TransferPageRange{0x10, 0x2000}), (Bytes{0x10, 0, 0, 0, 0, 0x20, 0, 0}));
}

TEST(PacketBytes, GpaDirect) {
    EXPECT_EQ(bytes(GpaDirectHeader{0, 1}), (Bytes{0, 0, 0, 0, 1, 0, 0, 0}));
    EXPECT_EQ(bytes(GpaRangeHeader{0x1000, 20}), (Bytes{0, 0x10, 0, 0, 20, 0, 0, 0}));
}

TEST(PacketBytes, FooterHoldsTheStartInItsUpperHalf) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(PacketFooter{0, 0x140}), std::uint64_t{0x140} << 32);
}

TEST(NvspBytes, Init) {
    const auto version = number(NvspVersion::kV61);
    EXPECT_EQ(bytes(NvspInit{number(NvspType::kInit), version, version}),
              (Bytes{1, 0, 0, 0, 1, 0, 6, 0, 1, 0, 6, 0}));
}

TEST(NvspBytes, NdisConfig) {
    const auto type = number(NvspType::kSendNdisConfig);
    EXPECT_EQ(bytes(NvspSendNdisConfig{type, 1514, 0, kNvspCapIeee8021q | kNvspCapSriov, 0}),
              (Bytes{125, 0, 0, 0, 0xEA, 5, 0, 0, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(NvspBytes, SendReceiveBuffer) {
    const auto type = number(NvspType::kSendReceiveBuffer);
    EXPECT_EQ(bytes(NvspSendReceiveBuffer{type, 0xE1E10, kReceiveBufferId, 0}),
              (Bytes{101, 0, 0, 0, 0x10, 0x1E, 0x0E, 0, 0xFE, 0xCA, 0, 0}));
}

TEST(NvspBytes, RndisPacketInPages) {
    const auto type = number(NvspType::kSendRndisPacket);
    EXPECT_EQ(bytes(NvspSendRndisPacket{type, kNvspChannelControl, kNoSendSection, 0}),
              (Bytes{107, 0, 0, 0, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0}));
}

TEST(NvspBytes, SwitchDataPathAndVfAssociation) {
    EXPECT_EQ(bytes(NvspSwitchDataPath{number(NvspType::kSwitchDataPath), 1}),
              (Bytes{129, 0, 0, 0, 1, 0, 0, 0}));
    EXPECT_EQ(bytes(NvspSendVfAssociation{number(NvspType::kSendVfAssociation), 1, 2}),
              (Bytes{128, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0}));
}

TEST(NvspBytes, SubChannelRequest) {
    EXPECT_EQ(bytes(NvspSubChannelRequest{number(NvspType::kSubChannel), 1, 3}),
              (Bytes{133, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0}));
}

TEST(NvspBytes, VersionsAreTriedNewestFirst) {
    EXPECT_TRUE(std::ranges::is_sorted(kNvspVersions, std::ranges::greater{},
                                       [](NvspVersion v) { return number(v); }));
}

TEST(RndisBytes, Initialize) {
    EXPECT_EQ(bytes(RndisInitialize{{number(RndisType::kInitialize), 24}, 1, 1, 0, 0x4000}),
              (Bytes{2, 0, 0, 0, 24, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0}));
}

TEST(RndisBytes, QueryForTheMacAddress) {
    const RndisQuery query{{number(RndisType::kQuery), 28}, 9, number(Oid::kPermanentAddress), 0,
                           kRndisRequestInfoOffset,         0};
    EXPECT_EQ(bytes(query), (Bytes{4, 0, 0, 0, 28, 0, 0,  0, 9, 0, 0, 0, 1, 1,
                                   1, 1, 0, 0, 0,  0, 20, 0, 0, 0, 0, 0, 0, 0}));
}

TEST(RndisBytes, CompletionTypesHaveTheTopBit) {
    EXPECT_EQ(number(RndisType::kInitializeComplete), 0x80000000U | number(RndisType::kInitialize));
    EXPECT_EQ(number(RndisType::kQueryComplete), 0x80000000U | number(RndisType::kQuery));
    EXPECT_EQ(number(RndisType::kSetComplete), 0x80000000U | number(RndisType::kSet));
    EXPECT_EQ(number(RndisType::kKeepaliveComplete), 0x80000000U | number(RndisType::kKeepalive));
}

TEST(RndisBytes, PpiOfOneWord) {
    const Ppi32 vlan{{16, number(PpiType::kVlan), 12}, vlan_from_tci(100)};
    EXPECT_EQ(bytes(vlan), (Bytes{16, 0, 0, 0, 6, 0, 0, 0, 12, 0, 0, 0, 0x40, 6, 0, 0}));
}

TEST(RndisBytes, EveryVlanTagSurvivesTheTrip) {
    for (std::uint32_t tci = 0; tci <= UINT16_MAX; ++tci) {
        const auto tag = static_cast<std::uint16_t>(tci);
        ASSERT_EQ(vlan_to_tci(vlan_from_tci(tag)), tag);
    }
}

TEST(NdisBytes, EncapsulationSetting) {
    const NdisEncapsulation setting{{kNdisObjectEncapsulation, 1, sizeof(NdisEncapsulation)},
                                    1,
                                    kNdisEncapsulation8023,
                                    14,
                                    1,
                                    kNdisEncapsulation8023,
                                    14};
    EXPECT_EQ(bytes(setting), (Bytes{0xA8, 1, 28, 0, 1, 0, 0, 0, 2, 0, 0,  0, 14, 0,
                                     0,    0, 1,  0, 0, 0, 2, 0, 0, 0, 14, 0, 0,  0}));
}

TEST(NdisBytes, RssParametersNameWhereTableAndKeyAre) {
    NdisRssParameters parameters{};
    parameters.header = {kNdisObjectRssParameters, 2, sizeof parameters};
    parameters.table_offset = sizeof parameters;
    parameters.key_offset = sizeof parameters + 128;
    const auto all = bytes(parameters);
    EXPECT_EQ(Bytes(all.begin(), all.begin() + 4), (Bytes{0x89, 2, 44, 0}));
    EXPECT_EQ(all[16], 44U);
    EXPECT_EQ(all[24], 172U);
}

TEST(SignalPages, ABitOfEachPageIsWhereTheHostLooks) {
    MonitorPage monitor{};
    monitor.trigger[3].pending.store_relaxed(1);
    EXPECT_EQ(reinterpret_cast<const unsigned char*>(&monitor)[8 + 3 * 8], 1);
    InterruptPage interrupts{};
    interrupts.guest_to_host[1].store_relaxed(1);
    EXPECT_EQ(reinterpret_cast<const unsigned char*>(&interrupts)[2048 + 4], 1);
}

TEST(RingPageBytes, WordsAreInTheOrderOfTheContract) {
    RingPage page{};
    page.in.store_relaxed(1);
    page.out.store_relaxed(2);
    page.interrupt_mask.store_relaxed(3);
    page.pending_send_size.store_relaxed(4);
    page.feature_bits.store_relaxed(5);
    const auto* words = reinterpret_cast<const std::uint32_t*>(&page);
    EXPECT_EQ(std::vector<std::uint32_t>(words, words + 4),
              (std::vector<std::uint32_t>{1, 2, 3, 4}));
    EXPECT_EQ(words[16], 5U);
}

}  // namespace
}  // namespace vmbus::wire
