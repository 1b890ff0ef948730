// What vmbus-dump says of packets, as its user reads it.
#include "words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "codec/nvsp_codec.hpp"
#include "codec/rndis_codec.hpp"
#include "codec/rndis_packet.hpp"
#include "wire/packet.hpp"

namespace vmbus::dump {
namespace {

using namespace wire;
using testing::ElementsAre;
using testing::HasSubstr;
using Buffer = std::vector<std::byte>;

void append(base::Bytes more, Buffer& bytes) {
    bytes.insert(bytes.end(), more.begin(), more.end());
}

/// A packet without footer; `header` is what stands between descriptor and payload.
Buffer packet(PacketType type, base::Bytes header, base::Bytes payload, std::uint16_t flags = 0) {
    const PacketDescriptor descriptor{
        .type = static_cast<std::uint16_t>(type),
        .data_offset8 = static_cast<std::uint16_t>((sizeof(PacketDescriptor) + header.size()) / 8),
        .length8 = static_cast<std::uint16_t>(
            (sizeof(PacketDescriptor) + header.size() + payload.size()) / 8),
        .flags = flags,
        .transaction_id = 0x2A};
    Buffer bytes;
    append(base::bytes_of(descriptor), bytes);
    append(header, bytes);
    append(payload, bytes);
    return bytes;
}

template <class Message>
Buffer nvsp(NvspType type, Message message) {
    message.type = static_cast<std::uint32_t>(type);
    const auto bytes = codec::encode_nvsp(message);
    return {bytes.begin(), bytes.end()};
}

Buffer rndis_frame(std::size_t frame_bytes, const codec::PacketInfo& info) {
    Buffer bytes(codec::packet_head_bytes(info.has) + frame_bytes);
    const auto head = codec::build_packet_head(base::MutableBytes(bytes), info,
                                               static_cast<std::uint32_t>(frame_bytes));
    constexpr unsigned char kIpv4Udp[] = {0x00, 0x15, 0x5d, 0,    0,    1, 0x00, 0x15, 0x5d, 0, 0,
                                          2,    0x08, 0,    0x45, 0,    0, 0x1c, 0,    0,    0, 0,
                                          64,   17,   0,    0,    10,   0, 0,    1,    10,   0, 0,
                                          2,    0x03, 0xe8, 0x07, 0xd0, 0, 8,    0,    0};
    std::memcpy(bytes.data() + head, kIpv4Udp, std::min(sizeof kIpv4Udp, frame_bytes));
    return bytes;
}

TEST(NvspWords, NameTheMessageAndItsFields) {
    EXPECT_EQ(nvsp_words(nvsp(NvspType::kInit, NvspInit{0, 0x60001, 0x60001})), "INIT version 6.1");
    EXPECT_EQ(
        nvsp_words(nvsp(NvspType::kSendSendBufferComplete, NvspSendSendBufferComplete{0, 1, 6144})),
        "SEND_SEND_BUFFER_COMPLETE SUCCESS, sections of 6144 bytes");
    EXPECT_EQ(nvsp_words(nvsp(NvspType::kSwitchDataPath, NvspSwitchDataPath{0, 1})),
              "SWITCH_DATA_PATH to VF");
    EXPECT_EQ(
        nvsp_words(nvsp(NvspType::kSendRndisPacket, NvspSendRndisPacket{0, 0, kNoSendSection, 0})),
        "SEND_RNDIS_PACKET data, no section");
}

TEST(NvspWords, SayWhatIsCutShortOrUnknown) {
    const auto init = nvsp(NvspType::kInit, NvspInit{0, 2, 2});
    EXPECT_EQ(nvsp_words(base::Bytes(init).first(4)), "INIT cut short: 4 bytes");
    EXPECT_EQ(nvsp_words(base::Bytes(init).first(2)), "no NVSP message: 01 00");
    EXPECT_THAT(nvsp_words(nvsp(static_cast<NvspType>(999), NvspInit{})),
                HasSubstr("0x3e7 40 bytes"));
}

TEST(NvspWords, AnIndirectionTableStaysInsideItsMessage) {
    Buffer bytes(20);
    const std::uint32_t words[] = {134, 16, 12, 3, 4};
    std::memcpy(bytes.data(), words, sizeof words);
    EXPECT_EQ(nvsp_words(bytes), "SEND_INDIRECTION_TABLE 16 entries at 12: 3 4");
    base::store_at(bytes, 8, std::uint32_t{0xFFFFFFFF});
    EXPECT_EQ(nvsp_words(bytes), "SEND_INDIRECTION_TABLE 16 entries at 4294967295: ");
}

TEST(RndisWords, NameRequestsAndTheirOids) {
    Buffer bytes(256);
    const std::uint32_t filter = 0xB;
    bytes.resize(codec::encode_set(bytes, 7, Oid::kCurrentPacketFilter, base::bytes_of(filter)));
    EXPECT_THAT(
        rndis_words(bytes),
        ElementsAre("SET 32 bytes, id 7, OID_GEN_CURRENT_PACKET_FILTER, 4 bytes: 0b 00 00 00"));
}

TEST(RndisWords, ShowFrameAndInfosOfEveryMessage) {
    codec::PacketInfo info{.has = codec::PacketInfo::kVlan, .vlan = vlan_from_tci(0x6064)};
    Buffer bytes = rndis_frame(60, info);
    append(rndis_frame(60, {}), bytes);
    EXPECT_THAT(
        rndis_words(bytes),
        ElementsAre(
            "PACKET 120 bytes, frame of 60 bytes at 60", "  VLAN id 100 priority 3 dei 0",
            "  00:15:5d:00:00:02 > 00:15:5d:00:00:01 IPv4 10.0.0.1 > 10.0.0.2 UDP 1000 > 2000",
            "PACKET 104 bytes, frame of 60 bytes at 44",
            "  00:15:5d:00:00:02 > 00:15:5d:00:00:01 IPv4 10.0.0.1 > 10.0.0.2 UDP 1000 > 2000"));
}

TEST(RndisWords, StopAtWhatIsNoMessage) {
    Buffer bytes = rndis_frame(60, {});
    base::store_at(bytes, offsetof(RndisHeader, length), std::uint32_t{3});
    EXPECT_THAT(rndis_words(bytes), ElementsAre(HasSubstr("104 bytes that are no RNDIS message")));
}

TEST(RndisWords, SayThatAFrameLiesOutside) {
    Buffer bytes = rndis_frame(60, {});
    base::store_at(bytes, offsetof(RndisPacket, data_length), std::uint32_t{0xFFFFFFF0});
    EXPECT_THAT(rndis_words(bytes), ElementsAre(HasSubstr("PACKET 104 bytes, ")));
}

TEST(FrameWords, GoThroughTags) {
    Buffer bytes(60);
    const unsigned char tag[] = {0x81, 0x00, 0x00, 0x05, 0x08, 0x06};
    std::memcpy(bytes.data() + 12, tag, sizeof tag);
    EXPECT_EQ(frame_words(bytes), "00:00:00:00:00:00 > 00:00:00:00:00:00 vlan 5 ARP");
    EXPECT_EQ(frame_words(base::Bytes(bytes).first(14)),
              "00:00:00:00:00:00 > 00:00:00:00:00:00 type 0x8100");
}

TEST(FrameWords, AHeaderThatIsCutIsBroken) {
    const auto frame = rndis_frame(60, {});
    const auto whole = base::Bytes(frame).subspan(44);
    EXPECT_THAT(frame_words(whole.first(30)), HasSubstr("broken IPv4 header"));
    EXPECT_THAT(frame_words(whole.first(5)), HasSubstr("no frame"));
}

TEST(PacketWords, GiveTransferRangesTheirBytes) {
    struct {
        TransferPagesHeader head{0xCAFE, 0, 2};
        TransferPageRange ranges[2] = {{104, 1000}, {104, 3000}};
    } const header;
    Buffer data = rndis_frame(60, {});
    append(rndis_frame(60, {}), data);
    const auto payload =
        nvsp(NvspType::kSendRndisPacket, NvspSendRndisPacket{0, 0, kNoSendSection, 0});
    const auto lines =
        packet_words(packet(PacketType::kTransferPages, base::bytes_of(header), payload, 1), data);
    ASSERT_EQ(lines.size(), 7U);
    EXPECT_EQ(lines[0],
              "transfer-pages id 0x2a (to complete): SEND_RNDIS_PACKET data, no section, pageset "
              "0xcafe, 2 range(s)");
    EXPECT_EQ(lines[1], "  range 0: 104 bytes at 1000");
    EXPECT_EQ(lines[4], "  range 1: 104 bytes at 3000");
}

TEST(PacketWords, DoNotBelieveTheRangeCount) {
    const TransferPagesHeader header{0xCAFE, 0, 0xFFFFFFFF};
    const auto lines =
        packet_words(packet(PacketType::kTransferPages, base::bytes_of(header), {}), {});
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[1], "  range 0: not in the packet");
}

TEST(PacketWords, SayThatBytesAreNoPacket) {
    Buffer bytes = packet(PacketType::kInBand, {}, {});
    EXPECT_THAT(packet_words(base::Bytes(bytes).first(8), {}), ElementsAre(HasSubstr("no packet")));
    base::store_at(bytes, offsetof(PacketDescriptor, data_offset8), std::uint16_t{1});
    EXPECT_THAT(packet_words(bytes, {}), ElementsAre(HasSubstr("no packet")));
    base::store_at(bytes, offsetof(PacketDescriptor, data_offset8), std::uint16_t{0xFFFF});
    EXPECT_THAT(packet_words(bytes, {}), ElementsAre(HasSubstr("no packet")));
}

}  // namespace
}  // namespace vmbus::dump
