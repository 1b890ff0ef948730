#include "host/violation_rules.hpp"

#include <gtest/gtest.h>

#include <string>

namespace vmbus::host {
namespace {

TEST(ViolationRules, EachSaysWhatToDoAndWhereThatComesFrom) {
    for (std::size_t i = 0; i < kViolations; ++i) {
        const auto& rule = rule_of(static_cast<Violation>(i));
        EXPECT_TRUE(std::string(rule.rule).ends_with('.')) << rule.name;
        EXPECT_FALSE(std::string(rule.source).empty()) << rule.name;
        EXPECT_EQ(violation_named(rule.name), rule.violation);
    }
    EXPECT_FALSE(violation_named("no_such_rule"));
}

TEST(ViolationRules, TolerantHostNeverGivesAChannelUp) {
    for (std::size_t i = 0; i < kViolations; ++i) {
        EXPECT_NE(rule_of(static_cast<Violation>(i)).tolerant, Reaction::kStops);
    }
}

TEST(ViolationRules, OpenvmmGivesUpWhatItCannotAnswer) {
    const auto reaction = [](Violation violation) {
        return reaction_of(rule_of(violation), Temper::kOpenvmm);
    };
    EXPECT_EQ(reaction(Violation::kNvspRepeated), Reaction::kStops);
    EXPECT_EQ(reaction(Violation::kControlUnknownType), Reaction::kStops);
    EXPECT_EQ(reaction(Violation::kGpaOutsideMemory), Reaction::kFailure);
    EXPECT_EQ(reaction(Violation::kRingBadFooter), Reaction::kCarried);
}

TEST(ViolationLog, AsksForTheChannelToStopOnceAndOnlyInTheTemperThatDoes) {
    ViolationLog log;
    log.record(Violation::kNvspRepeated);
    EXPECT_FALSE(log.take_stop());
    log.set_temper(Temper::kOpenvmm);
    log.record(Violation::kOidBadValue);
    EXPECT_FALSE(log.take_stop());
    log.record(Violation::kNvspRepeated);
    EXPECT_TRUE(log.take_stop());
    EXPECT_FALSE(log.take_stop());
}

}  // namespace
}  // namespace vmbus::host
