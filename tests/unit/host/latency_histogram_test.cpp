#include "host/latency_histogram.hpp"

#include <gtest/gtest.h>

namespace vmbus::host {
namespace {

TEST(LatencyHistogram, PercentilesAreWithinThreePercent) {
    LatencyHistogram latency;
    for (std::uint64_t ns = 1; ns <= 100'000; ++ns) latency.add(ns);
    EXPECT_NEAR(static_cast<double>(latency.percentile(0.5)), 50'000, 1600);
    EXPECT_NEAR(static_cast<double>(latency.percentile(0.99)), 99'000, 3100);
    EXPECT_EQ(latency.least(), 1U);
    EXPECT_EQ(latency.most(), 100'000U);
}

TEST(LatencyHistogram, TakesAnyTime) {
    LatencyHistogram latency;
    EXPECT_EQ(latency.percentile(0.5), 0U);
    latency.add(0);
    latency.add(UINT64_MAX);
    EXPECT_EQ(latency.percentile(0), 0U);
    EXPECT_EQ(latency.percentile(1), UINT64_MAX);
}

}  // namespace
}  // namespace vmbus::host
