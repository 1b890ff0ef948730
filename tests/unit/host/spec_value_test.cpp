#include "host/spec_value.hpp"

#include <gtest/gtest.h>

namespace vmbus::host {
namespace {

std::optional<std::uint64_t> number(std::string_view text, Suffix suffix = Suffix::kBinary) {
    std::string why;
    return parse_number(text, {1, UINT64_MAX - 1}, suffix, why);
}

TEST(SpecValue, SuffixesAreSharesOfTheirUnit) {
    EXPECT_EQ(number("3K"), 3U << 10);
    EXPECT_EQ(number("31M"), 31U << 20);
    EXPECT_EQ(number("2g"), 2ULL << 30);
    EXPECT_EQ(number("10G", Suffix::kDecimal), 10'000'000'000);
}

TEST(SpecValue, RefusesWhatIsNotANumber) {
    for (const auto* const text : {"", "K", "-1", "+1", " 1", "1 ", "0x10", "1.5K", "1KK", "1T"}) {
        EXPECT_FALSE(number(text)) << text;
    }
    EXPECT_FALSE(number("1K", Suffix::kNone));
}

TEST(SpecValue, AnOverflowIsOutOfBoundsNotASmallNumber) {
    EXPECT_FALSE(number("18446744073709551616"));
    EXPECT_FALSE(number("18014398509481984G"));
}

TEST(SpecValue, SaysTheBounds) {
    std::string why;
    EXPECT_FALSE(parse_number("9", {10, 20}, Suffix::kNone, why));
    EXPECT_EQ(why, "must be 10 to 20");
}

TEST(SpecValue, ReadsAMac) {
    std::string why;
    EXPECT_EQ(parse_mac("00:15:5D:0a:00:ff", why), (MacAddress{0, 0x15, 0x5d, 0x0a, 0, 0xff}));
}

TEST(SpecValue, RefusesMacsOfGroupsAndWrongForms) {
    std::string why;
    for (const auto* const text :
         {"", "00:15:5d:00:00", "00-15-5d-00-00-01", "00:15:5d:00:00:0g", "01:00:5e:00:00:01",
          "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "00:15:5d:00:00:01:"}) {
        EXPECT_FALSE(parse_mac(text, why)) << text;
    }
}

TEST(SpecValue, QuotesForeignTextInOneShortLine) {
    EXPECT_EQ(printable("a\nb\x1b\xff"), "a?b??");
    EXPECT_EQ(printable(std::string(100, 'x')), std::string(60, 'x') + "...");
}

TEST(SpecValue, AnEmptyTextHasOneEmptyPartAndASeparatorTwo) {
    Parts none{"", ','};
    EXPECT_EQ(none.next(), "");
    EXPECT_FALSE(none.next());
    Parts two{"a,", ','};
    EXPECT_EQ(two.next(), "a");
    EXPECT_EQ(two.next(), "");
    EXPECT_FALSE(two.next());
}

}  // namespace
}  // namespace vmbus::host
