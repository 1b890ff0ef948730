#include "ring/descriptor.hpp"

#include <gtest/gtest.h>

namespace vmbus::ring {
namespace {

TEST(Descriptor, EachFieldComesBackAtItsLargest) {
    const Descriptor descriptor(wire::PacketType::kGpaDirect, 0xFFFF, 0xFFFE, 0xFFFD, UINT64_MAX);
    EXPECT_EQ(descriptor.type(), wire::PacketType::kGpaDirect);
    EXPECT_EQ(descriptor.data_offset8(), 0xFFFFU);
    EXPECT_EQ(descriptor.length8(), 0xFFFEU);
    EXPECT_EQ(descriptor.flags(), 0xFFFDU);
    EXPECT_EQ(descriptor.transaction_id(), UINT64_MAX);
}

TEST(Descriptor, ItsBytesAreTheStructOnTheWire) {
    const wire::PacketDescriptor wire{
        .type = 7, .data_offset8 = 3, .length8 = 260, .flags = 1, .transaction_id = 99};
    const auto descriptor = std::bit_cast<Descriptor>(wire);
    EXPECT_EQ(descriptor.type(), wire::PacketType::kTransferPages);
    EXPECT_EQ(descriptor.data_offset8(), 3U);
    EXPECT_EQ(descriptor.length8(), 260U);
    EXPECT_EQ(descriptor.flags(), 1U);
    EXPECT_EQ(descriptor.transaction_id(), 99U);
}

}  // namespace
}  // namespace vmbus::ring
