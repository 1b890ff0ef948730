#include "netvsc-fwd/udp_frame.hpp"

#include <gtest/gtest.h>
#include <tins/tins.h>

#include <cstring>

namespace netvsc_fwd {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes frame_of(const UdpFlow& flow, std::uint32_t bytes, const Bytes& payload = {}) {
    const UdpHeaders headers = udp_headers(flow, bytes, std::as_bytes(std::span(payload)));
    Bytes frame(bytes, 0);
    std::memcpy(frame.data(), &headers, sizeof headers);
    std::copy(payload.begin(), payload.end(), frame.begin() + sizeof headers);
    return frame;
}

/// libtins computes lengths and checksums when it writes a frame.
Bytes as_it_should_be(const Bytes& frame) {
    return Tins::EthernetII(frame.data(), static_cast<std::uint32_t>(frame.size())).serialize();
}

TEST(UdpFrame, LengthsAndChecksumsAreRight) {
    const UdpFlow flow{.source = {{2, 0, 0, 0, 0, 1}}, .destination = {{2, 0, 0, 0, 0, 2}}};
    for (const std::uint32_t bytes : {60U, 64U, 65U, 1514U, 9014U}) {
        const Bytes frame = frame_of(flow, bytes);
        EXPECT_EQ(frame, as_it_should_be(frame)) << bytes;
    }
}

TEST(UdpFrame, PayloadCounts) {
    const Bytes frame = frame_of({}, 64, {1, 2, 3, 0xFF, 0xFE, 0xFD});
    EXPECT_EQ(frame, as_it_should_be(frame));
}

TEST(UdpFrame, AddressesAndPortsAreThoseOfTheFlow) {
    const Bytes bytes = frame_of({.source = {{2, 0, 0, 0, 0, 1}},
                                  .source_ip = RTE_IPV4(10, 1, 2, 3),
                                  .source_port = 4000,
                                  .destination_port = 5000},
                                 100);
    const Tins::EthernetII frame(bytes.data(), static_cast<std::uint32_t>(bytes.size()));
    EXPECT_EQ(frame.src_addr(), "02:00:00:00:00:01");
    EXPECT_EQ(frame.rfind_pdu<Tins::IP>().src_addr(), "10.1.2.3");
    EXPECT_EQ(frame.rfind_pdu<Tins::IP>().dst_addr(), "198.18.0.2");
    EXPECT_EQ(frame.rfind_pdu<Tins::UDP>().sport(), 4000);
    EXPECT_EQ(frame.rfind_pdu<Tins::UDP>().dport(), 5000);
}

TEST(UdpFrame, ChecksumIsNeverTheZeroThatMeansNone) {
    for (unsigned port = 0; port < 65536; ++port) {
        const UdpFlow flow{.source_port = static_cast<std::uint16_t>(port)};
        ASSERT_NE(udp_headers(flow, 64).udp.dgram_cksum, 0) << port;
    }
}

}  // namespace
}  // namespace netvsc_fwd
