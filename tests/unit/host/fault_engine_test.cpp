#include "host/fault_engine.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace vmbus::host {
namespace {

using namespace std::chrono_literals;

std::string pattern(FaultEngine& engine, Fault fault, int times) {
    std::string seen;
    for (int i = 0; i < times; ++i) seen += engine.due(fault) ? 'x' : '.';
    return seen;
}

TEST(FaultEngine, StrikesAfterThatManyThatOften) {
    FaultEngine engine({{Fault::kBadPpi, 2, 3}});
    EXPECT_EQ(pattern(engine, Fault::kBadPpi, 7), "..xxx..");
    EXPECT_FALSE(engine.due(Fault::kBadLength));
    EXPECT_EQ(engine.struck(), 3U);
    EXPECT_EQ(engine.struck(Fault::kBadPpi), 3U);
}

TEST(FaultEngine, StrikesEachOfSoMany) {
    FaultEngine engine({{.what = Fault::kFlood, .after = 1, .count = 3, .every = 2}});
    EXPECT_EQ(pattern(engine, Fault::kFlood, 9), ".x.x.x...");
}

TEST(FaultEngine, WithoutScriptDoesNothing) {
    FaultEngine engine;
    EXPECT_FALSE(engine.active());
    EXPECT_FALSE(engine.due(Fault::kSilence));
}

TEST(FaultEngine, CountsOnlyWhatTheStepIsAbout) {
    FaultEngine engine(
        {{.what = Fault::kLostReply, .channel = 1, .on = Subject::kQuery, .oid = 0x10101}});
    EXPECT_FALSE(engine.due(Fault::kLostReply, 0, Subject::kQuery, 0x10101));
    EXPECT_FALSE(engine.due(Fault::kLostReply, 1, Subject::kSet, 0x10101));
    EXPECT_FALSE(engine.due(Fault::kLostReply, 1, Subject::kQuery, 0x10102));
    EXPECT_TRUE(engine.due(Fault::kLostReply, 1, Subject::kQuery, 0x10101));
}

TEST(FaultEngine, WaitsForItsTime) {
    FaultEngine engine({{.what = Fault::kSilence, .from = 50ms}});
    const std::chrono::steady_clock::time_point start{1h};
    engine.begin_turn(start);
    EXPECT_FALSE(engine.due(Fault::kSilence));
    engine.begin_turn(start + 50ms);
    EXPECT_TRUE(engine.due(Fault::kSilence));
}

TEST(FaultEngine, SameSeedGoesTheSameWayAndAnotherDoesNot) {
    const auto run = [](std::uint64_t seed) {
        FaultEngine engine({{.what = Fault::kFlood,
                             .count = FaultStep::kForever,
                             .probability = 0.5,
                             .seed = seed}});
        return pattern(engine, Fault::kFlood, 200);
    };
    EXPECT_EQ(run(7), run(7));
    EXPECT_NE(run(7), run(8));
    EXPECT_NE(run(7).find('x'), std::string::npos);
    EXPECT_NE(run(7).find('.'), std::string::npos);
}

TEST(FaultEngine, TakesTheValueOfTheKindWhereTheScriptHasNone) {
    FaultEngine engine({{.what = Fault::kLateReply},
                        {.what = Fault::kShortReply, .how = 0, .value = 5, .offset = 3}});
    EXPECT_EQ(engine.due(Fault::kLateReply)->value, kind_of(Fault::kLateReply).value);
    EXPECT_EQ(engine.due(Fault::kShortReply)->value, 5U);
}

TEST(FaultEngine, AnyVariantIsEachOfThemInTime) {
    FaultEngine engine(
        {{.what = Fault::kBadIndex, .count = FaultStep::kForever, .how = FaultStep::kAnyVariant}});
    std::set<int> seen;
    for (int i = 0; i < 200; ++i) seen.insert(engine.due(Fault::kBadIndex)->how);
    EXPECT_EQ(seen, (std::set<int>{0, 1, 2, 3}));
}

TEST(FaultEngine, AsksForRescindOnce) {
    FaultEngine engine;
    engine.request_rescind();
    EXPECT_TRUE(engine.take_rescind_request());
    EXPECT_FALSE(engine.take_rescind_request());
}

}  // namespace
}  // namespace vmbus::host
