#include "host/rss_config.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vmbus {
namespace {

using host::RssConfig;
using wire::RndisStatus;

/// Parameters with a table of that many entries, each its number modulo 4, and a key of 7s.
std::vector<std::byte> parameters(std::uint16_t entries) {
    wire::NdisRssParameters head{};
    head.header = {wire::kNdisObjectRssParameters, 2, sizeof head};
    head.hash_information = wire::kNdisHashToeplitz | wire::kNdisHashIpv4;
    head.table_size = static_cast<std::uint16_t>(entries * 4);
    head.table_offset = sizeof head;
    head.key_size = wire::kRssKeyBytes;
    head.key_offset = sizeof head + head.table_size;
    std::vector<std::byte> info(head.key_offset + head.key_size, std::byte{7});
    base::store_at(info, 0, head);
    for (std::uint32_t i = 0; i < entries; ++i) {
        base::store_at(info, sizeof head + i * 4, i % 4);
    }
    return info;
}

TEST(RssConfig, TakesKeyAndTable) {
    RssConfig rss;
    EXPECT_EQ(rss.set(parameters(128), 4), RndisStatus::kSuccess);
    EXPECT_TRUE(rss.enabled);
    EXPECT_EQ(rss.table[127], 3U);
    EXPECT_EQ(rss.key[39], std::byte{7});
}

TEST(RssConfig, RepeatsShortTable) {
    RssConfig rss;
    EXPECT_EQ(rss.set(parameters(3), 4), RndisStatus::kSuccess);
    EXPECT_EQ(rss.table[3], 0U);
    EXPECT_EQ(rss.table[125], 2U);
}

TEST(RssConfig, IsOffWhenDisabledOrWithoutFunction) {
    RssConfig rss;
    ASSERT_EQ(rss.set(parameters(4), 4), RndisStatus::kSuccess);
    auto info = parameters(4);
    base::store_at(info, 4, wire::kNdisRssDisable);
    EXPECT_EQ(rss.set(info, 4), RndisStatus::kSuccess);
    EXPECT_FALSE(rss.enabled);
}

// conformance: rss_set_with_zero_indirection_table_size_rejected
TEST(RssConfig, RefusesWhatCannotBe) {
    RssConfig rss;
    EXPECT_EQ(rss.set(parameters(0), 4), RndisStatus::kInvalidData);
    EXPECT_EQ(rss.set(parameters(8), 3), RndisStatus::kInvalidData);
    EXPECT_EQ(rss.set(base::Bytes(parameters(8)).first(27), 4), RndisStatus::kFailure);
    for (const auto& [field, value] : {std::pair{12, 6}, {16, 4000}, {20, 39}, {24, 4000}}) {
        auto info = parameters(8);
        base::store_at(info, static_cast<std::size_t>(field), static_cast<std::uint16_t>(value));
        EXPECT_EQ(rss.set(info, 4), RndisStatus::kInvalidData) << field;
    }
    EXPECT_FALSE(rss.enabled);
}

}  // namespace
}  // namespace vmbus
