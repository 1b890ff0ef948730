#include "net/netvsc/rx_verdict.hpp"

#include <gtest/gtest.h>

namespace vmbus::netvsc::test {
namespace {

TEST(RxVerdictTable, TableHoldsEveryVerdict) {
    for (std::uint32_t word = 0; has_usual_verdict(word); ++word) {
        ASSERT_EQ(usual_verdict(word), verdict_flags(word)) << word;
    }
    EXPECT_FALSE(has_usual_verdict(wire::kRxIpValueInvalid));
}

TEST(RxVerdictTable, BitsWithoutMeaningChangeNothing) {
    const std::uint32_t good = wire::kRxIpGood | wire::kRxTcpGood;
    EXPECT_EQ(usual_verdict(good | 0xFFFFFE00), verdict_flags(good));
}

}  // namespace
}  // namespace vmbus::netvsc::test
