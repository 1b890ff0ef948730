#include "host/offload_config.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace vmbus {
namespace {

using host::OffloadConfig;
using wire::RndisStatus;

wire::NdisOffloadParameters parameters() {
    wire::NdisOffloadParameters wanted{};
    wanted.header = {wire::kNdisObjectDefault, 1, sizeof wanted};
    return wanted;
}

/// The bytes of RNDIS_CONFIG_PARAMETER.
std::vector<std::byte> parameter(const std::string& name, std::uint32_t type,
                                 const std::string& value) {
    std::vector<std::byte> info(20 + 2 * (name.size() + value.size()));
    const auto name_bytes = static_cast<std::uint32_t>(2 * name.size());
    const auto value_bytes = static_cast<std::uint32_t>(2 * value.size());
    const std::uint32_t head[] = {20, name_bytes, type, 20 + name_bytes, value_bytes};
    std::memcpy(info.data(), head, sizeof head);
    const std::string all = name + value;
    for (std::size_t i = 0; i < all.size(); ++i) info[20 + 2 * i] = static_cast<std::byte>(all[i]);
    return info;
}

TEST(OffloadConfig, AnnouncesChecksumsAndLargeSends) {
    const auto offload = OffloadConfig().capabilities();
    EXPECT_EQ(offload.header.size, 156);
    EXPECT_EQ(offload.checksum.ipv4_tx_flags, 0x155U);
    EXPECT_EQ(offload.checksum.ipv4_rx_flags, 0x155U);
    EXPECT_EQ(offload.checksum.ipv6_tx_flags, 0x55U);
    EXPECT_EQ(offload.checksum.ipv6_rx_flags, 0x55U);
    EXPECT_EQ(offload.checksum.ipv4_tx_encapsulation, 2U);
    EXPECT_EQ(offload.lso_v2.ipv4_encapsulation, 2U);
    EXPECT_EQ(offload.lso_v2.ipv4_max_size, 62780U);
    EXPECT_EQ(offload.lso_v2.ipv6_max_size, 62780U);
    EXPECT_EQ(offload.lso_v2.ipv6_min_segments, 2U);
    EXPECT_EQ(offload.lso_v2.ipv6_flags, 5U);
    EXPECT_EQ(offload.rsc[0], 0);
}

TEST(OffloadConfig, AnnouncesNoLargeSendsWhenItHasNone) {
    OffloadConfig config(false);
    auto wanted = parameters();
    wanted.lso_v2_ipv4 = wanted.lso_v2_ipv6 = 2;
    EXPECT_EQ(config.set_parameters(base::bytes_of(wanted)), RndisStatus::kSuccess);
    EXPECT_EQ(config.current().lso_v2.ipv4_max_size, 0U);
    EXPECT_EQ(config.capabilities().lso_v2.ipv6_encapsulation, 0U);
}

TEST(OffloadConfig, SwitchesLargeSendsByIpVersion) {
    OffloadConfig config;
    auto wanted = parameters();
    wanted.lso_v2_ipv4 = 1;
    EXPECT_EQ(config.set_parameters(base::bytes_of(wanted)), RndisStatus::kSuccess);
    EXPECT_EQ(config.current().lso_v2.ipv4_max_size, 0U);
    EXPECT_EQ(config.current().lso_v2.ipv6_max_size, 62780U);
    EXPECT_EQ(config.set_config_parameter(parameter("*LsoV2IPv4", 2, "1")), RndisStatus::kSuccess);
    EXPECT_EQ(config.set_config_parameter(parameter("*LsoV2IPv6", 2, "0")), RndisStatus::kSuccess);
    EXPECT_EQ(config.current().lso_v2.ipv4_max_size, 62780U);
    EXPECT_EQ(config.current().lso_v2.ipv6_max_size, 0U);
}

TEST(OffloadConfig, CoalescesOnlyWhenOfferedAndAskedFor) {
    OffloadConfig config;
    std::array<std::byte, 28> wanted{};
    base::store_at(wanted, 0, wire::NdisObjectHeader{wire::kNdisObjectDefault, 3, 28});
    wanted[22] = wanted[23] = std::byte{2};
    EXPECT_EQ(config.set_parameters(wanted), RndisStatus::kSuccess);
    EXPECT_FALSE(config.rsc_ipv4());
    config.offer_rsc(true);
    EXPECT_TRUE(config.rsc_ipv4());
    EXPECT_EQ(config.current().rsc[1], 1);
    wanted[23] = std::byte{1};
    EXPECT_EQ(config.set_parameters(wanted), RndisStatus::kSuccess);
    EXPECT_FALSE(config.rsc_ipv6());
    EXPECT_EQ(config.capabilities().rsc[1], 1);
}

TEST(OffloadConfig, SwitchesWhatIsAskedFor) {
    OffloadConfig config;
    auto wanted = parameters();
    wanted.udp_ipv4_checksum = 3;  // receive only
    wanted.tcp_ipv6_checksum = 1;
    wanted.udp_ipv6_checksum = 1;
    EXPECT_EQ(config.set_parameters(base::bytes_of(wanted)), RndisStatus::kSuccess);
    EXPECT_EQ(config.current().checksum.ipv4_tx_flags, 0x115U);
    EXPECT_EQ(config.current().checksum.ipv4_rx_flags, 0x155U);
    EXPECT_EQ(config.current().checksum.ipv6_tx_flags, 0U);
    EXPECT_EQ(config.current().checksum.ipv6_tx_encapsulation, 0U);
    EXPECT_EQ(OffloadConfig().capabilities().checksum.ipv6_tx_flags, 0x55U);
}

TEST(OffloadConfig, ChecksWhatTheGuestReceivesUntilToldOtherwise) {
    OffloadConfig config;
    EXPECT_TRUE(config.receive_checks().tcp_ipv6);
    auto wanted = parameters();
    wanted.ipv4_checksum = wanted.tcp_ipv4_checksum = 1;
    wanted.udp_ipv4_checksum = wanted.tcp_ipv6_checksum = wanted.udp_ipv6_checksum = 2;
    EXPECT_EQ(config.set_parameters(base::bytes_of(wanted)), RndisStatus::kSuccess);
    EXPECT_FALSE(config.receive_checks().any());
    wanted.udp_ipv6_checksum = 4;
    EXPECT_EQ(config.set_parameters(base::bytes_of(wanted)), RndisStatus::kSuccess);
    EXPECT_TRUE(config.receive_checks().udp_ipv6);
}

TEST(OffloadConfig, RefusesBadParameters) {
    OffloadConfig config;
    auto wanted = parameters();
    EXPECT_EQ(config.set_parameters(base::bytes_of(wanted).first(19)), RndisStatus::kFailure);
    wanted.header.size = 24;
    EXPECT_EQ(config.set_parameters(base::bytes_of(wanted)), RndisStatus::kInvalidData);
    wanted = parameters();
    wanted.lso_v1 = 2;
    EXPECT_EQ(config.set_parameters(base::bytes_of(wanted)), RndisStatus::kNotSupported);
}

TEST(OffloadConfig, AcceptsOnlyEthernetEncapsulation) {
    wire::NdisEncapsulation wanted{};
    wanted.header = {wire::kNdisObjectEncapsulation, 1, sizeof wanted};
    EXPECT_EQ(OffloadConfig::set_encapsulation(base::bytes_of(wanted)), RndisStatus::kSuccess);
    wanted.ipv4_enabled = 1;
    EXPECT_EQ(OffloadConfig::set_encapsulation(base::bytes_of(wanted)), RndisStatus::kNotSupported);
    wanted.ipv4_type = 2;
    wanted.ipv4_header_size = 14;
    EXPECT_EQ(OffloadConfig::set_encapsulation(base::bytes_of(wanted)), RndisStatus::kSuccess);
    EXPECT_EQ(OffloadConfig::set_encapsulation(base::bytes_of(wanted).first(20)),
              RndisStatus::kFailure);
}

TEST(OffloadConfig, TakesConfigParameters) {
    OffloadConfig config;
    EXPECT_EQ(config.set_config_parameter(parameter("*UDPChecksumOffloadIPv4", 2, "2")),
              RndisStatus::kSuccess);
    EXPECT_EQ(config.current().checksum.ipv4_tx_flags, 0x115U);
    EXPECT_EQ(config.set_config_parameter(parameter("*NoSuchThing", 2, "x")),
              RndisStatus::kSuccess);
    EXPECT_EQ(config.set_config_parameter(parameter("*UDPChecksumOffloadIPv4", 2, "x")),
              RndisStatus::kInvalidData);
    EXPECT_EQ(config.set_config_parameter(parameter("*UDPChecksumOffloadIPv4", 2, "")),
              RndisStatus::kInvalidData);
}

TEST(OffloadConfig, RefusesConfigParameterOutsideBuffer) {
    OffloadConfig config;
    auto info = parameter("*UDPChecksumOffloadIPv4", 2, "2");
    base::store_at(info, 4, std::uint32_t{0xFFFFFFF0});
    EXPECT_EQ(config.set_config_parameter(info), RndisStatus::kInvalidData);
    EXPECT_EQ(config.set_config_parameter(base::Bytes(info).first(19)), RndisStatus::kFailure);
}

}  // namespace
}  // namespace vmbus
