#include "ring/gpa_list.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace vmbus::ring {
namespace {

/// A list as the peer may write it, word by word.
class GpaListTest : public testing::Test {
protected:
    void range(std::uint32_t byte_count, std::uint32_t byte_offset,
               const std::vector<std::uint64_t>& pages) {
        words_.push_back(std::uint64_t{byte_offset} << 32 | byte_count);
        words_.insert(words_.end(), pages.begin(), pages.end());
    }
    GpaList parse(std::uint32_t count) {
        return parse_gpa_list(std::as_bytes(std::span(words_)), count, spans_);
    }

    std::vector<std::uint64_t> words_;
    std::array<GpaSpan, 4> spans_;
};

TEST_F(GpaListTest, TwoRangesSurviveTheTrip) {
    range(4096, 20, {5, 9});
    range(200, 0, {7});
    const auto list = parse(2);
    ASSERT_EQ(list.error, GpaListError::kNone);
    ASSERT_EQ(list.spans, 3U);
    EXPECT_EQ(list.bytes, 4296U);
    EXPECT_EQ(list.first_range_bytes, 4096U);
    EXPECT_EQ(spans_[0].gpa, 5 * 4096 + 20U);
    EXPECT_EQ(spans_[0].length, 4076U);
    EXPECT_EQ(spans_[1].gpa, 9 * 4096U);
    EXPECT_EQ(spans_[1].length, 20U);
    EXPECT_EQ(spans_[2].length, 200U);
}

// conformance: test_buffer_segments
TEST_F(GpaListTest, NeighbouringPagesOfARangeAreOneSpan) {
    range(3 * 4096, 0, {5, 6, 7});
    ASSERT_EQ(parse(1).spans, 1U);
    EXPECT_EQ(spans_[0].length, 3 * 4096U);
}

TEST_F(GpaListTest, NeighbouringRangesStayTwoSpans) {
    range(4096, 0, {5});
    range(4096, 0, {6});
    EXPECT_EQ(parse(2).spans, 2U);
}

TEST_F(GpaListTest, TooFewWordsAreTruncated) {
    EXPECT_EQ(parse(1).error, GpaListError::kTruncated);
    range(4097, 0, {5});
    EXPECT_EQ(parse(1).error, GpaListError::kTruncated);
    EXPECT_EQ(parse(2).error, GpaListError::kTruncated);
}

TEST_F(GpaListTest, ALengthNearTheTopOf32BitsIsOnlyTruncated) {
    range(UINT32_MAX, 4095, {5, 6});
    EXPECT_EQ(parse(1).error, GpaListError::kTruncated);
}

TEST_F(GpaListTest, APageNumberBeyond64BitAddressesIsRefused) {
    range(8, 0, {UINT64_MAX});
    EXPECT_EQ(parse(1).error, GpaListError::kTruncated);
}

TEST_F(GpaListTest, AnEmptyRangeIsRefused) {
    range(0, 0, {5});
    EXPECT_EQ(parse(1).error, GpaListError::kEmptyRange);
}

// conformance: large_offset
TEST_F(GpaListTest, AnOffsetBeyondTheFirstPageIsRefused) {
    range(8, 4096, {5});
    EXPECT_EQ(parse(1).error, GpaListError::kBadOffset);
}

TEST_F(GpaListTest, MoreSpansThanTheCallerTakesAreRefused) {
    range(5 * 4096, 0, {1, 3, 5, 7, 9});
    EXPECT_EQ(parse(1).error, GpaListError::kTooManySpans);
}

TEST_F(GpaListTest, TrailingWordsAreIgnored) {
    range(8, 0, {5});
    range(8, 0, {6});
    EXPECT_EQ(parse(1).spans, 1U);
}

TEST(AppendGpaRange, WritesWhatTheParserReads) {
    std::array<std::byte, 64> list{};
    const std::size_t bytes = append_gpa_range(list, 0, 0x12345FF0, 0x2000);
    EXPECT_EQ(bytes, 8 + 3 * 8U);
    std::array<GpaSpan, 2> spans;
    const auto parsed = parse_gpa_list(base::Bytes(list).first(bytes), 1, spans);
    ASSERT_EQ(parsed.spans, 1U);
    EXPECT_EQ(spans[0].gpa, 0x12345FF0U);
    EXPECT_EQ(spans[0].length, 0x2000U);
}

TEST(AppendGpaRange, ReturnsNothingWhenThereIsNoRoom) {
    std::array<std::byte, 24> list{};
    EXPECT_EQ(append_gpa_range(list, 0, 0xFFF, 2), 24U);
    EXPECT_EQ(append_gpa_range(list, 8, 0xFFF, 2), 0U);
    EXPECT_EQ(append_gpa_range(list, 32, 0, 1), 0U);
}

TEST(PagesOf, CountsEachPageTouched) {
    EXPECT_EQ(pages_of(0, 1), 1U);
    EXPECT_EQ(pages_of(0, 4096), 1U);
    EXPECT_EQ(pages_of(4095, 2), 2U);
    EXPECT_EQ(pages_of(1, 4096), 2U);
}

}  // namespace
}  // namespace vmbus::ring
