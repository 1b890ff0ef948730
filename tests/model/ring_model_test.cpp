// The ring as it is: within these bounds no interleaving, and no reordering that x86 or the
// language allows, loses a byte, a packet or a wake-up.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <tuple>

#include "ring_scenario.hpp"

namespace vmbus::model {
namespace {

using ring::Publication;

/// A ring of 64 bytes takes 56: each story fills it and goes round its end.
struct Case {
    const char* name;
    Story story;
    Limits limits;
    bool all = true;  ///< every execution within the limits is tried
};
void PrintTo(const Case& c, std::ostream* to) {
    *to << c.name;
}

constexpr Limits kAll{};
constexpr Limits kOnePreemption{.preemptions = 1, .executions = 15'000};
constexpr Limits kRandom{.random_walks = 10'000, .seed = 7};

const std::vector<Case>& cases() {
    static const std::vector<Case> kCases = {
        {"SingleBothSleep", {Publication::kSingle, {{40, 24}}}, kAll},
        {"SinglePolledRoundTheEnd", {Publication::kSingle, {{32, 32, 32}}, false}, kAll},
        {"SingleLong", {Publication::kSingle, {{32, 32, 24, 40, 24, 48}}}, kRandom, false},
        {"OrderedTwoProducers", {Publication::kOrdered, {{24}, {24}}}, kAll},
        {"OrderedFull", {Publication::kOrdered, {{32, 24}, {32}}}, kOnePreemption, false},
        {"OrderedWaits",
         {Publication::kOrdered, {{24, 24}, {32}}, false, 1},
         kOnePreemption,
         false},
        {"OrderedLong", {Publication::kOrdered, {{32, 32, 24}, {40, 24}}}, kRandom, false},
        {"RelaxedTwoProducers", {Publication::kRelaxed, {{24}, {24}}}, {.preemptions = 3}},
        {"RelaxedFull", {Publication::kRelaxed, {{32, 24}, {32}}}, kOnePreemption, false},
        {"RelaxedWaits",
         {Publication::kRelaxed, {{24, 24}, {32}}, false, 1},
         kOnePreemption,
         false},
        {"RelaxedLong", {Publication::kRelaxed, {{32, 32, 24}, {40, 24}}}, kRandom, false},
        {"RelaxedThree", {Publication::kRelaxed, {{24, 32}, {24}, {32}}}, kRandom, false},
    };
    return kCases;
}

class RingModel : public testing::TestWithParam<std::tuple<Case, Strength>> {};

std::string name_of(const testing::TestParamInfo<RingModel::ParamType>& test) {
    const auto& [c, strength] = test.param;
    return std::string(c.name) + (strength == Strength::kTso ? "Tso" : "Weak");
}
INSTANTIATE_TEST_SUITE_P(Stories, RingModel,
                         testing::Combine(testing::ValuesIn(cases()),
                                          testing::Values(Strength::kTso, Strength::kWeak)),
                         name_of);

TEST_P(RingModel, LosesNothing) {
    const auto& [c, strength] = GetParam();
    const auto outcome = explore(c.story, strength, c.limits);
    EXPECT_EQ(outcome.failure, "");
    EXPECT_TRUE(outcome.complete || !c.all);
    RecordProperty("executions", std::to_string(outcome.executions));
}

}  // namespace
}  // namespace vmbus::model
