#include "wire/guid.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace vmbus::wire {
namespace {

constexpr std::string_view kText = "f8615163-df3e-46c5-913f-f2d2f965ed0e";

TEST(Guid, TextGoesBothWays) {
    const auto guid = parse_guid(kText);
    ASSERT_TRUE(guid);
    EXPECT_EQ(*guid, kNicClass);
    EXPECT_EQ(to_string(*guid), kText);
}

TEST(Guid, FirstThreeFieldsAreLittleEndian) {
    const auto guid = parse_guid("00112233-4455-6677-8899-aabbccddeeff");
    constexpr std::array<std::uint8_t, 16> kBytes = {0x33, 0x22, 0x11, 0x00, 0x55, 0x44,
                                                     0x77, 0x66, 0x88, 0x99, 0xaa, 0xbb,
                                                     0xcc, 0xdd, 0xee, 0xff};
    ASSERT_TRUE(guid);
    EXPECT_EQ(guid->bytes, kBytes);
}

TEST(Guid, BracesAndUpperCaseAreAccepted) {
    EXPECT_EQ(parse_guid("{F8615163-DF3E-46C5-913F-F2D2F965ED0E}"), kNicClass);
}

TEST(Guid, EveryOneCharacterDeviationIsRefused) {
    for (std::size_t i = 0; i < kText.size(); ++i) {
        std::string wrong(kText);
        wrong[i] = 'g';
        EXPECT_FALSE(parse_guid(wrong)) << wrong;
        EXPECT_FALSE(parse_guid(kText.substr(0, i)));
    }
}

TEST(Guid, UnbalancedBracesAndExtraCharactersAreRefused) {
    EXPECT_FALSE(parse_guid("{f8615163-df3e-46c5-913f-f2d2f965ed0e"));
    EXPECT_FALSE(parse_guid("{f8615163-df3e-46c5-913f-f2d2f965ed0e)"));
    EXPECT_FALSE(parse_guid("f8615163-df3e-46c5-913f-f2d2f965ed0e "));
}

}  // namespace
}  // namespace vmbus::wire
