#include "net/netvsc/packet_type.hpp"

#include <gtest/gtest.h>

#include "mbufs.hpp"

namespace vmbus::netvsc::test {
namespace {

static_assert(packet_types_for(RTE_PTYPE_UNKNOWN) == PacketTypes::kNone);
static_assert(packet_types_for(RTE_PTYPE_L3_MASK) == PacketTypes::kEtherType);
static_assert(packet_types_for(RTE_PTYPE_ALL_MASK) == PacketTypes::kHeaders);

struct PacketTypeTest : testing::Test {
    ~PacketTypeTest() override { rte_pktmbuf_free(packet); }
    /// Writes bytes from the EtherType on.
    void set(std::initializer_list<std::uint8_t> head) {
        std::copy(head.begin(), head.end(), rte_pktmbuf_mtod_offset(packet, std::uint8_t*, 12));
    }
    Pool pool;
    rte_mbuf* packet = pool.frame(80);
};

TEST_F(PacketTypeTest, NothingIsLookedAtUnasked) {
    set({0x08, 0, 0x45});
    EXPECT_EQ(packet_type(*packet, PacketTypes::kNone), 0U);
}

TEST_F(PacketTypeTest, EtherTypeTellsTheNetworkLayer) {
    set({0x86, 0xDD, 0x60});
    EXPECT_EQ(packet_type(*packet, PacketTypes::kEtherType),
              std::uint32_t{RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV6_EXT_UNKNOWN});
    set({0x81, 0, 0, 1, 0x08, 0});
    EXPECT_EQ(packet_type(*packet, PacketTypes::kEtherType),
              std::uint32_t{RTE_PTYPE_L2_ETHER_VLAN | RTE_PTYPE_L3_IPV4_EXT_UNKNOWN});
}

// row: rx_packet_type
TEST_F(PacketTypeTest, HeadersTellTheTransport) {
    set({0x08, 0, 0x45, 0, 0, 60, 0, 0, 0, 0, 64, 17});
    EXPECT_EQ(packet_type(*packet, PacketTypes::kHeaders),
              std::uint32_t{RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_UDP});
}

TEST_F(PacketTypeTest, FrameOfAnyLengthIsLookedAt) {
    set({0x08, 0, 0x45});
    for (; packet->pkt_len != 0; rte_pktmbuf_trim(packet, 1)) {
        EXPECT_NE(packet_type(*packet, PacketTypes::kEtherType), 0U);
        packet_type(*packet, PacketTypes::kHeaders);
    }
}

}  // namespace
}  // namespace vmbus::netvsc::test
