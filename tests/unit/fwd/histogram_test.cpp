#include "measure/histogram.hpp"

#include <gtest/gtest.h>

namespace measure {
namespace {

constexpr double kStep = 0.016;

TEST(Histogram, PercentilesAreWithinAStep) {
    Histogram histogram;
    for (std::uint64_t value = 1; value <= 100'000; ++value) {
        histogram.add(value);
    }
    for (const double per_mille : {1.0, 500.0, 900.0, 990.0, 999.0}) {
        const double wanted = per_mille * 100;
        EXPECT_NEAR(static_cast<double>(histogram.percentile(per_mille)), wanted,
                    wanted * kStep + 1);
    }
    EXPECT_EQ(histogram.max(), 100'000U);
    EXPECT_EQ(histogram.percentile(1000), 100'000U);
    EXPECT_EQ(histogram.total(), 100'000U);
}

TEST(Histogram, OfNothingIsZero) {
    const Histogram histogram;
    EXPECT_EQ(histogram.percentile(500), 0U);
    EXPECT_EQ(histogram.max(), 0U);
}

TEST(Histogram, TakesAnyValue) {
    Histogram histogram;
    histogram.add(0);
    histogram.add(UINT64_MAX);
    EXPECT_EQ(histogram.percentile(0), 0U);
    EXPECT_EQ(histogram.percentile(1000), UINT64_MAX);
}

TEST(Histogram, SumHasTheSamplesOfBoth) {
    Histogram low;
    Histogram high;
    low.add(10);
    high.add(1'000);
    high += low;
    EXPECT_EQ(high.total(), 2U);
    EXPECT_EQ(high.percentile(0), 10U);
    EXPECT_EQ(high.max(), 1'000U);
}

TEST(Histogram, ACopyStandsStill) {
    Histogram histogram;
    histogram.add(5);
    const Histogram copy = histogram;
    histogram.add(7);
    EXPECT_EQ(copy.total(), 1U);
    EXPECT_EQ(copy.max(), 5U);
}

}  // namespace
}  // namespace measure
