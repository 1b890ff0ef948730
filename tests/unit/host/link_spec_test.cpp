#include "host/link_spec.hpp"

#include <gtest/gtest.h>

namespace vmbus::host {
namespace {

class LinkSpecTest : public testing::Test {
protected:
    bool takes(std::string_view key, std::string_view value) {
        return read_link_part(key, value, link_, why_).value_or(false);
    }

    LinkSpec link_;
    std::string why_;
};

TEST_F(LinkSpecTest, TimesHaveUnitsAndDecimals) {
    EXPECT_TRUE(takes("delay", "1.5ms"));
    EXPECT_EQ(link_.delay_ns, 1'500'000U);
    EXPECT_TRUE(takes("delay", "10s"));
    for (const auto* const wrong : {"", "5", "ms", "11s", "-1ms", "1 ms", "nans", "1e3ms"}) {
        EXPECT_FALSE(takes("delay", wrong)) << wrong;
    }
}

TEST_F(LinkSpecTest, SharesAreFractionsOrPercent) {
    EXPECT_TRUE(takes("loss", "25%"));
    EXPECT_EQ(link_.loss, LinkSpec::kAlways / 4);
    EXPECT_TRUE(takes("reorder", "1"));
    EXPECT_EQ(link_.reorder, LinkSpec::kAlways);
    for (const auto* const wrong : {"", "%", "1.1", "101%", "-1", "nan", "1%%"}) {
        EXPECT_FALSE(takes("loss", wrong)) << wrong;
    }
}

TEST_F(LinkSpecTest, OtherKeysAreNotItsOwn) {
    EXPECT_FALSE(read_link_part("len", "64", link_, why_).has_value());
    EXPECT_FALSE(link_.any());
    EXPECT_TRUE(takes("bps", "10G"));
    EXPECT_TRUE(link_.any());
}

}  // namespace
}  // namespace vmbus::host
