#include "host/gen_spec.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace vmbus::host {
namespace {

class GenSpecTest : public testing::Test {
protected:
    bool takes(std::string_view key, std::string_view value) {
        return read_gen_part(key, value, spec_, why_);
    }

    GenPortSpec spec_;
    std::string why_;
};

TEST_F(GenSpecTest, LengthsAreOneAListARangeOrImix) {
    EXPECT_TRUE(takes("len", "128"));
    EXPECT_EQ(spec_.lengths, std::vector<std::uint16_t>{128});
    EXPECT_TRUE(takes("len", "64+1514"));
    EXPECT_EQ(spec_.lengths, (std::vector<std::uint16_t>{64, 1514}));
    EXPECT_TRUE(takes("len", "imix"));
    EXPECT_EQ(std::count(spec_.lengths.begin(), spec_.lengths.end(), 64), 7);
    EXPECT_TRUE(takes("len", "100-200"));
    EXPECT_GT(spec_.lengths.size(), 8U);
    for (const auto length : spec_.lengths) EXPECT_TRUE(length >= 100 && length <= 200);
}

TEST_F(GenSpecTest, WrongValuesAreRefusedWithAReason) {
    for (const auto& [key, value] :
         std::initializer_list<std::pair<const char*, const char*>>{{"len", "200-100"},
                                                                    {"len", "59+64"},
                                                                    {"len", "64+"},
                                                                    {"len", "-"},
                                                                    {"vlan", "4095"},
                                                                    {"ipv6", "yes"},
                                                                    {"proto", "icmp"},
                                                                    {"dst", "x"},
                                                                    {"flows", "0"}}) {
        why_.clear();
        EXPECT_FALSE(takes(key, value)) << key << value;
        EXPECT_FALSE(why_.empty());
    }
}

TEST_F(GenSpecTest, HeadersNeedRoom) {
    EXPECT_TRUE(takes("ipv6", "on") && takes("proto", "tcp") && takes("vlan", "5"));
    EXPECT_FALSE(check_gen(spec_, why_));
    EXPECT_EQ(why_, "len=64: these headers need at least 96");
    EXPECT_TRUE(takes("len", "96") && check_gen(spec_, why_));
}

TEST_F(GenSpecTest, MemoryIsBounded) {
    EXPECT_TRUE(takes("len", "9000-9216") && takes("flows", "4096"));
    EXPECT_FALSE(check_gen(spec_, why_));
}

}  // namespace
}  // namespace vmbus::host
