#include "net/netvsc/stats.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>

namespace vmbus::netvsc {
namespace {

std::set<std::string> all_names() {
    std::set<std::string> names;
    const auto add = [&names](const char* direction, const auto& table) {
        for (const char* name : table) {
            char text[64];
            EXPECT_TRUE(format_name(text, direction, 63, name)) << name;
            EXPECT_TRUE(names.insert(text).second) << text << " twice";
        }
    };
    add("rx", kRxNames);
    add("tx", kTxNames);
    add("ring", kRingNames);
    return names;
}

// row: xstats_get, queue_counters
TEST(StatNames, EveryCounterHasOneOfItsOwn) {
    EXPECT_EQ(all_names().size(), RxCounters::kSize + TxCounters::kSize + RingCounters::kSize);
}

TEST(StatNames, TelemetryTakesThemAll) {
    for (const std::string& name : all_names()) {
        EXPECT_TRUE(std::all_of(name.begin(), name.end(), [](unsigned char c) {
            return std::isalnum(c) || c == '_';
        })) << name;
    }
}

TEST(StatNames, NameTooLongForItsFieldIsCutAndSaid) {
    char text[8];
    EXPECT_FALSE(format_name(text, "rx", 0, "long_name"));
    EXPECT_EQ(text[7], '\0');
}

// defect: 4.4-11 xstats are reset without a VF too
TEST(Counter, ResetForgetsWithoutStoppingTheCount) {
    Counter counter;
    counter.add(5);
    counter.reset();
    counter.add(2);
    EXPECT_EQ(counter.value(), 2U);
}

TEST(Errors, RefusedForNowIsNoError) {
    TxCounters counters;
    counters[TxCount::kRingFull].add();
    counters[TxCount::kNoSlot].add();
    EXPECT_EQ(errors_of(counters), 0U);
    counters[TxCount::kHostFailed].add(3);
    counters[TxCount::kTooLong].add();
    EXPECT_EQ(errors_of(counters), 4U);
}

TEST(Errors, EveryDropForWhatAFrameContainsIsOne) {
    RxCounters counters;
    for (auto which : {RxCount::kShort, RxCount::kDuplicatePpi, RxCount::kTooLong,
                       RxCount::kBadVlan, RxCount::kNoMbuf}) {
        counters[which].add();
    }
    EXPECT_EQ(errors_of(counters), 4U) << "a frame that stays with the host is not lost";
}

}  // namespace
}  // namespace vmbus::netvsc
