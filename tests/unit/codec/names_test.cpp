#include "codec/names.hpp"

#include <gtest/gtest.h>

namespace vmbus::codec {
namespace {

TEST(Names, AreThoseOfTheSpecifications) {
    EXPECT_EQ(name_of(wire::NvspType::kSubChannel), "SUBCHANNEL");
    EXPECT_EQ(name_of(wire::RndisType::kQueryComplete), "QUERY_CMPLT");
    EXPECT_EQ(name_of(wire::Oid::kLinkState), "OID_GEN_LINK_STATE");
    EXPECT_EQ(name_of(wire::NvspVersion::kV61), "6.1");
}

TEST(Names, ANumberWithoutOneIsShownAsItIs) {
    EXPECT_EQ(name_of(static_cast<wire::NvspType>(0x7777)), "0x7777");
    EXPECT_EQ(name_of(static_cast<wire::RndisType>(0xFFFFFFFF)), "0xffffffff");
    EXPECT_EQ(name_of(static_cast<wire::NvspVersion>(0)), "0x0");
}

TEST(Names, BitsWithoutOneAreCounted) {
    const char* const names[] = {"first", nullptr, "third"};
    EXPECT_EQ(bits_of(0b1111, names), "first+bit1+third+bit3");
    EXPECT_EQ(bits_of(0, names), "none");
}

}  // namespace
}  // namespace vmbus::codec
