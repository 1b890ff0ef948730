#include "codec/nvsp_codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

#include "support/golden.hpp"

namespace {

using namespace vmbus;
using namespace vmbus::wire;
using test::golden;
using testing::ElementsAreArray;
using testing::Not;
using testing::Optional;

constexpr std::uint32_t code(NvspType type) {
    return static_cast<std::uint32_t>(type);
}
constexpr std::uint32_t code(NvspStatus status) {
    return static_cast<std::uint32_t>(status);
}

/// The encoder writes these bytes, and the decoder reads them into the same message. Hosts send
/// fewer bytes of padding than guests.
template <class Message>
void expect_golden(const std::string& name, const Message& message) {
    SCOPED_TRACE(name);
    const auto bytes = golden(name);
    const auto encoded = codec::encode_nvsp(message);
    ASSERT_LE(bytes.size(), encoded.size());
    EXPECT_THAT(bytes, ElementsAreArray(base::Bytes(encoded).first(bytes.size())));
    const auto decoded = codec::decode_nvsp<Message>(bytes, static_cast<NvspType>(message.type));
    ASSERT_TRUE(decoded);
    EXPECT_THAT(base::bytes_of(*decoded), ElementsAreArray(base::bytes_of(message)));
}

TEST(NvspCodec, GuestMessagesOfTheHandshakeHaveTheirGoldenBytes) {
    constexpr auto kVersion = static_cast<std::uint32_t>(NvspVersion::kV61);
    expect_golden("nvsp_init", NvspInit{code(NvspType::kInit), kVersion, kVersion});
    expect_golden("nvsp_send_ndis_version",
                  NvspSendNdisVersion{code(NvspType::kSendNdisVersion), 6, 30});
    expect_golden("nvsp_send_ndis_config",
                  NvspSendNdisConfig{code(NvspType::kSendNdisConfig), 1514, 0,
                                     kNvspCapSriov | kNvspCapIeee8021q, 0});
    expect_golden(
        "nvsp_send_receive_buffer",
        NvspSendReceiveBuffer{code(NvspType::kSendReceiveBuffer), 0xE1E10, kReceiveBufferId, 0});
    expect_golden("nvsp_send_send_buffer",
                  NvspSendSendBuffer{code(NvspType::kSendSendBuffer), 0xE1E2F, kSendBufferId, 0});
}

TEST(NvspCodec, HostMessagesOfTheHandshakeHaveTheirGoldenBytes) {
    expect_golden("nvsp_init_complete", NvspInitComplete{code(NvspType::kInitComplete), 0xFFFFFFFF,
                                                         34, code(NvspStatus::kSuccess)});
    expect_golden(
        "nvsp_init_complete_refused",
        NvspInitComplete{code(NvspType::kInitComplete), 0xFFFFFFFF, 34, code(NvspStatus::kNone)});
    expect_golden(
        "nvsp_send_receive_buffer_complete",
        NvspSendReceiveBufferComplete{code(NvspType::kSendReceiveBufferComplete),
                                      code(NvspStatus::kSuccess), 1, 0, 1806, 17998, 32504388});
    expect_golden("nvsp_send_send_buffer_complete",
                  NvspSendSendBufferComplete{code(NvspType::kSendSendBufferComplete),
                                             code(NvspStatus::kSuccess), 6144});
}

TEST(NvspCodec, RevokeMessagesHaveTheirGoldenBytes) {
    expect_golden("nvsp_revoke_receive_buffer",
                  NvspRevokeBuffer{code(NvspType::kRevokeReceiveBuffer), kReceiveBufferId, 0});
    expect_golden("nvsp_revoke_send_buffer",
                  NvspRevokeBuffer{code(NvspType::kRevokeSendBuffer), kSendBufferId, 0});
}

TEST(NvspCodec, RndisPacketMessagesHaveTheirGoldenBytes) {
    expect_golden("nvsp_send_rndis_packet_section",
                  NvspSendRndisPacket{code(NvspType::kSendRndisPacket), kNvspChannelData, 5, 136});
    expect_golden("nvsp_send_rndis_packet_pages",
                  NvspSendRndisPacket{code(NvspType::kSendRndisPacket), kNvspChannelControl,
                                      kNoSendSection, 0});
    expect_golden("nvsp_send_rndis_packet_complete",
                  NvspSendRndisPacketComplete{code(NvspType::kSendRndisPacketComplete),
                                              code(NvspStatus::kSuccess)});
}

TEST(NvspCodec, VfAndSubChannelMessagesHaveTheirGoldenBytes) {
    expect_golden("nvsp_send_vf_association",
                  NvspSendVfAssociation{code(NvspType::kSendVfAssociation), 1, 2});
    expect_golden("nvsp_switch_data_path", NvspSwitchDataPath{code(NvspType::kSwitchDataPath), 1});
    expect_golden("nvsp_switch_data_path_host",
                  NvspSwitchDataPath{code(NvspType::kSwitchDataPath), 0});
    expect_golden("nvsp_sub_channel", NvspSubChannelRequest{code(NvspType::kSubChannel), 1, 3});
    expect_golden(
        "nvsp_sub_channel_complete",
        NvspSubChannelComplete{code(NvspType::kSubChannel), code(NvspStatus::kSuccess), 3});
    expect_golden("nvsp_oid_query_ex_complete",
                  NvspOidQueryExComplete{code(NvspType::kOidQueryExComplete), 0xC00000BB, 0});
}

TEST(NvspCodec, OidQueryExIsKnownByItsType) {
    EXPECT_EQ(codec::nvsp_type(golden("nvsp_oid_query_ex")), NvspType::kOidQueryEx);
}

TEST(NvspCodec, CapabilitiesAreOneNumberInTwoHalves) {
    const auto config = codec::decode_nvsp<NvspSendNdisConfig>(golden("nvsp_send_ndis_config"),
                                                               NvspType::kSendNdisConfig);
    ASSERT_TRUE(config);
    EXPECT_EQ(config->capabilities_low, kNvspCapSriov | kNvspCapIeee8021q);
    EXPECT_EQ(config->capabilities_high, 0U);
}

TEST(NvspCodec, TypeNeedsFourBytes) {
    const auto bytes = golden("nvsp_init");
    EXPECT_EQ(codec::nvsp_type(base::Bytes(bytes).first(3)), std::nullopt);
    EXPECT_EQ(codec::nvsp_type(base::Bytes(bytes).first(4)), NvspType::kInit);
}

TEST(NvspCodec, MessageMayBeExactlyItsStructButNotOneByteLess) {
    const auto bytes = golden("nvsp_init");
    const auto decode = [&](std::size_t size) {
        return codec::decode_nvsp<NvspInit>(base::Bytes(bytes).first(size), NvspType::kInit);
    };
    EXPECT_TRUE(decode(sizeof(NvspInit)));
    EXPECT_TRUE(decode(sizeof(NvspInit) + 1));
    EXPECT_FALSE(decode(sizeof(NvspInit) - 1));
}

TEST(NvspCodec, MessageOfAnotherTypeIsNotDecoded) {
    EXPECT_FALSE(codec::decode_nvsp<NvspInit>(golden("nvsp_send_ndis_version"), NvspType::kInit));
}

TEST(NvspCodec, VersionsAreKnownByNumberAndByName) {
    for (const NvspVersion version : kNvspVersions) {
        EXPECT_TRUE(codec::is_known_version(static_cast<std::uint32_t>(version)));
        EXPECT_EQ(codec::version_from_name(codec::version_name(version)), version);
    }
    EXPECT_FALSE(codec::is_known_version(0x00030000));
    EXPECT_EQ(codec::version_from_name("3"), std::nullopt);
    EXPECT_EQ(codec::version_from_name(""), std::nullopt);
}

TEST(NvspCodec, NdisVersionFollowsTheNvspVersion) {
    EXPECT_EQ(codec::ndis_minor_for(NvspVersion::kV4), 1U);
    EXPECT_EQ(codec::ndis_minor_for(NvspVersion::kV5), 30U);
}

// ---- What the host says of the buffers.

constexpr std::size_t kBuffer = 31U << 20;

NvspSendReceiveBufferComplete good_receive() {
    return base::load_at<NvspSendReceiveBufferComplete>(golden("nvsp_send_receive_buffer_complete"),
                                                        0);
}

TEST(NvspCodec, ReceiveLayoutOfTheHostIsTaken) {
    const auto layout = codec::check_receive_layout(good_receive(), kBuffer);
    ASSERT_TRUE(layout);
    EXPECT_EQ(layout->sub_allocation_size, 1806U);
    EXPECT_EQ(layout->count, 17998U);
}

TEST(NvspCodec, ReceiveLayoutMayFillTheBufferExactlyButNotExceedIt) {
    const auto reply = good_receive();
    EXPECT_TRUE(codec::check_receive_layout(reply, reply.end_offset));
    EXPECT_FALSE(codec::check_receive_layout(reply, reply.end_offset - 1));
}

TEST(NvspCodec, ReceiveLayoutsThatMakeNoSenseAreRefused) {
    const auto refused = [](std::uint32_t NvspSendReceiveBufferComplete::*field,
                            std::uint32_t value) {
        auto reply = good_receive();
        reply.*field = value;
        return !codec::check_receive_layout(reply, kBuffer);
    };
    using Reply = NvspSendReceiveBufferComplete;
    EXPECT_TRUE(refused(&Reply::status, code(NvspStatus::kFailure)));
    EXPECT_TRUE(refused(&Reply::status, 0));
    EXPECT_TRUE(refused(&Reply::num_sections, 2));
    EXPECT_TRUE(refused(&Reply::num_sections, 0));
    EXPECT_TRUE(refused(&Reply::offset, 8));
    EXPECT_TRUE(refused(&Reply::sub_allocation_size, 0));
    EXPECT_TRUE(refused(&Reply::num_sub_allocations, 0));
    EXPECT_TRUE(refused(&Reply::num_sub_allocations, 17999));
    EXPECT_TRUE(refused(&Reply::end_offset, 1806));
}

TEST(NvspCodec, ReceiveLayoutWhoseProductWraps32BitsIsRefused) {
    auto reply = good_receive();
    reply.sub_allocation_size = 0x10000;
    reply.num_sub_allocations = 0x10001;
    reply.end_offset = 0x10000;
    EXPECT_FALSE(codec::check_receive_layout(reply, kBuffer));
}

TEST(NvspCodec, SubAllocationTooSmallForAFrameIsRefused) {
    auto reply = good_receive();
    reply.sub_allocation_size = 103;
    reply.end_offset = reply.sub_allocation_size * reply.num_sub_allocations;
    EXPECT_FALSE(codec::check_receive_layout(reply, kBuffer));
}

std::optional<std::uint32_t> sections(std::uint32_t section_size, std::size_t buffer,
                                      NvspStatus status = NvspStatus::kSuccess) {
    return codec::check_send_sections({.type = code(NvspType::kSendSendBufferComplete),
                                       .status = code(status),
                                       .section_size = section_size},
                                      buffer);
}

TEST(NvspCodec, SendBufferHoldsWholeSections) {
    EXPECT_THAT(sections(6144, 15U << 20), Optional(2560U));
    EXPECT_THAT(sections(6144, 6144), Optional(1U));
    EXPECT_THAT(sections(6144, 2 * 6144 - 1), Optional(1U));
}

TEST(NvspCodec, SectionSizesThatMakeNoSenseAreRefused) {
    EXPECT_EQ(sections(0, 6144), std::nullopt);
    EXPECT_EQ(sections(6144, 6143), std::nullopt);
    EXPECT_EQ(sections(6140, 1U << 20), std::nullopt);
    EXPECT_EQ(sections(0xFFFFFFF8, 15U << 20), std::nullopt);
    EXPECT_EQ(sections(6144, 1U << 20, NvspStatus::kFailure), std::nullopt);
}

TEST(NvspCodec, SectionThatDoesNotHoldTheLongestHeadAndASmallFrameIsRefused) {
    constexpr std::uint32_t kLeast = 232;  // 140 of head, 86 of frame, in units of 8
    EXPECT_EQ(sections(8, 1U << 20), std::nullopt);
    EXPECT_EQ(sections(kLeast - 8, 1U << 20), std::nullopt);
    EXPECT_THAT(sections(kLeast, 2 * kLeast), Optional(2U));
}

// ---- Indirection table.

using Table = std::array<std::uint32_t, 16>;
constexpr Table kThreeChannels{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0};

std::optional<Table> table_with_offset(std::string name, std::uint32_t offset) {
    auto bytes = golden(name);
    base::store_at(bytes, offsetof(NvspSendIndirectionTable, offset), offset);
    return codec::decode_indirection_table(bytes, 16);
}

TEST(NvspCodec, IndirectionTableIsReadWhereTheHostSays) {
    EXPECT_EQ(codec::decode_indirection_table(golden("nvsp_send_indirection_table"), 16),
              kThreeChannels);
}

TEST(NvspCodec, IndirectionTableOfHostsThatNameTooSmallAnOffsetIsFound) {
    EXPECT_EQ(codec::decode_indirection_table(golden("nvsp_send_indirection_table_shifted"), 16),
              kThreeChannels);
}

TEST(NvspCodec, IndirectionTableOffsetMayNameTheLastPlaceButNotBeyond) {
    EXPECT_EQ(table_with_offset("nvsp_send_indirection_table_shifted", 40), kThreeChannels);
    for (const std::uint32_t outside : {17U, 80U, 0x7FFFFFFFU, 0xFFFFFFFFU, 0xFFFFFFF4U, 0U, 11U}) {
        EXPECT_EQ(table_with_offset("nvsp_send_indirection_table", outside), kThreeChannels)
            << outside;
    }
    EXPECT_THAT(table_with_offset("nvsp_send_indirection_table", 16),
                Optional(Not(kThreeChannels)));
}

TEST(NvspCodec, IndirectionEntriesStayBelowTheNumberOfChannels) {
    Table expected{};
    EXPECT_EQ(codec::decode_indirection_table(golden("nvsp_send_indirection_table"), 1), expected);
}

TEST(NvspCodec, IndirectionTableWithAnotherCountOrTooFewBytesIsRefused) {
    auto bytes = golden("nvsp_send_indirection_table");
    EXPECT_TRUE(codec::decode_indirection_table(base::Bytes(bytes).first(76), 1));
    EXPECT_FALSE(codec::decode_indirection_table(base::Bytes(bytes).first(75), 1));
    base::store_at(bytes, offsetof(NvspSendIndirectionTable, count), 17U);
    EXPECT_FALSE(codec::decode_indirection_table(bytes, 1));
}

RC_GTEST_PROP(NvspCodecProperty, IndirectionEntriesAreBoundedWhateverTheHostSends,
              (std::vector<std::uint8_t> random)) {
    const auto channels = *rc::gen::inRange<std::uint32_t>(1, 65);
    auto bytes = golden("nvsp_send_indirection_table");
    const std::size_t start = 8;
    for (std::size_t i = 0; i < random.size() && start + i < bytes.size(); ++i) {
        bytes[start + i] = std::byte{random[i]};
    }
    const auto table = codec::decode_indirection_table(bytes, channels);
    RC_ASSERT(table.has_value());
    RC_ASSERT(std::all_of(table->begin(), table->end(), [=](auto e) { return e < channels; }));
}

}  // namespace
