// NDIS objects against golden bytes: the structs of wire/ndis.hpp say where each value stands.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "support/golden.hpp"
#include "wire/ndis.hpp"

namespace {

using namespace vmbus;
using namespace vmbus::wire;
using test::golden;

template <class Object>
Object load(const std::string& name, std::size_t size = sizeof(Object)) {
    auto bytes = golden(name);
    EXPECT_EQ(bytes.size(), size) << name;
    bytes.resize(sizeof(Object));
    return base::load_at<Object>(bytes, 0);
}

void expect_header(const NdisObjectHeader& header, std::uint8_t type, std::uint8_t revision,
                   std::uint16_t size) {
    EXPECT_EQ(header.type, type);
    EXPECT_EQ(header.revision, revision);
    EXPECT_EQ(header.size, size);
}

TEST(NdisGolden, OffloadCapabilities) {
    const auto offload = load<NdisOffload>("ndis_offload");
    expect_header(offload.header, kNdisObjectOffload, 3, sizeof(NdisOffload));
    constexpr std::uint32_t kIpv6 = kNdisIpOptions | kNdisTcpOptions | kNdisTcp | kNdisUdp;
    EXPECT_EQ(offload.checksum.ipv4_tx_encapsulation, kNdisEncapsulation8023);
    EXPECT_EQ(offload.checksum.ipv4_tx_flags, kIpv6 | kNdisIpHeader);
    EXPECT_EQ(offload.checksum.ipv4_rx_flags, kIpv6 | kNdisIpHeader);
    EXPECT_EQ(offload.checksum.ipv6_tx_flags, kIpv6);
    EXPECT_EQ(offload.checksum.ipv6_rx_flags, kIpv6);
    EXPECT_EQ(offload.lso_v2.ipv4_max_size, 62780U);
    EXPECT_EQ(offload.lso_v2.ipv4_min_segments, 2U);
    EXPECT_EQ(offload.lso_v2.ipv6_max_size, 62780U);
    EXPECT_EQ(offload.lso_v2.ipv6_flags, kNdisIpOptions | kNdisTcpOptions);
}

TEST(NdisGolden, RssCapabilitiesAreTwoBytesShorterThanTheirStruct) {
    const auto caps = load<NdisRssCapabilities>("ndis_rss_capabilities", kNdisRssCapabilitiesBytes);
    expect_header(caps.header, kNdisObjectRssCapabilities, 2, kNdisRssCapabilitiesBytes);
    EXPECT_EQ(caps.capabilities, 0x301U);
    EXPECT_EQ(caps.interrupt_messages, 1U);
    EXPECT_EQ(caps.receive_queues, 64U);
    EXPECT_EQ(caps.table_entries, 128U);
}

TEST(NdisGolden, RssParametersWithTableAndKey) {
    const auto rss = load<NdisRssParameters>("ndis_rss_parameters", 100);
    expect_header(rss.header, kNdisObjectRssParameters, 2, sizeof(NdisRssParameters));
    EXPECT_EQ(rss.flags, 0U);
    EXPECT_EQ(rss.hash_information, kNdisHashToeplitz | kNdisHashIpv4 | kNdisHashTcpIpv4 |
                                        kNdisHashIpv6 | kNdisHashTcpIpv6);
    EXPECT_EQ(rss.table_size, 16U);
    EXPECT_EQ(rss.table_offset, sizeof(NdisRssParameters));
    EXPECT_EQ(rss.key_size, kRssKeyBytes);
    EXPECT_EQ(rss.key_offset, rss.table_offset + rss.table_size);
    const auto bytes = golden("ndis_rss_parameters");
    EXPECT_EQ(base::load_at<std::uint32_t>(bytes, rss.table_offset + 12), 3U);
    EXPECT_EQ(bytes[rss.key_offset], std::byte{0x6D});
}

TEST(NdisGolden, OffloadParameters) {
    const auto parameters = load<NdisOffloadParameters>("ndis_offload_parameters");
    expect_header(parameters.header, kNdisObjectDefault, 1, sizeof(NdisOffloadParameters));
    const auto setting = [](std::uint8_t byte) { return static_cast<NdisOffloadSetting>(byte); };
    EXPECT_EQ(setting(parameters.ipv4_checksum), NdisOffloadSetting::kBoth);
    EXPECT_EQ(setting(parameters.tcp_ipv4_checksum), NdisOffloadSetting::kBoth);
    EXPECT_EQ(setting(parameters.udp_ipv4_checksum), NdisOffloadSetting::kTxOnly);
    EXPECT_EQ(setting(parameters.tcp_ipv6_checksum), NdisOffloadSetting::kBoth);
    EXPECT_EQ(setting(parameters.udp_ipv6_checksum), NdisOffloadSetting::kRxOnly);
    EXPECT_EQ(parameters.lso_v2_ipv4, kNdisLsoOn);
    EXPECT_EQ(parameters.lso_v2_ipv6, kNdisLsoOff);
}

TEST(NdisGolden, LinkState) {
    const auto link = load<NdisLinkState>("ndis_link_state");
    expect_header(link.header, kNdisObjectDefault, 1, sizeof(NdisLinkState));
    EXPECT_EQ(link.connect_state, 1U);
    EXPECT_EQ(link.xmit_link_speed, 10'000'000'000U);
    EXPECT_EQ(link.receive_link_speed, 10'000'000'000U);
}

TEST(NdisGolden, Encapsulation) {
    const auto encapsulation = load<NdisEncapsulation>("ndis_encapsulation");
    expect_header(encapsulation.header, kNdisObjectEncapsulation, 1, sizeof(NdisEncapsulation));
    EXPECT_EQ(encapsulation.ipv4_type, kNdisEncapsulation8023);
    EXPECT_EQ(encapsulation.ipv4_header_size, 14U);
    EXPECT_EQ(encapsulation.ipv6_header_size, 14U);
}

}  // namespace
