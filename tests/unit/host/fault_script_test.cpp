#include "host/fault_script.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace vmbus::host {
namespace {

FaultScript parsed(const std::string& text) {
    std::string why;
    auto script = parse_fault_script(text, why);
    EXPECT_TRUE(script) << why;
    return script.value_or(FaultScript{});
}

TEST(FaultScript, ReadsEveryFault) {
    for (std::size_t i = 0; i < kFaults; ++i) {
        const auto fault = static_cast<Fault>(i);
        const auto script =
            parsed(R"([{"what":")" + std::string(to_string(fault)) + R"(","after":5,"count":2}])");
        ASSERT_EQ(script.size(), 1U);
        EXPECT_EQ(script[0].what, fault);
        EXPECT_EQ(script[0].after, 5U);
        EXPECT_EQ(script[0].count, 2U);
    }
}

TEST(FaultScript, ReadsEveryKey) {
    const auto script = parsed(R"({"seed": 9, "faults": [{"what": "bad_index", "how": "jump",
        "after": 1, "count": "forever", "every": 3, "probability": 0.25, "at_ms": 20, "channel": 2,
        "on": "query", "oid": "0x0001010E", "value": 7, "offset": 12, "nic": "all"}]})");
    ASSERT_EQ(script.size(), 1U);
    const FaultStep& step = script[0];
    EXPECT_EQ(step.how, 3);
    EXPECT_EQ(step.count, FaultStep::kForever);
    EXPECT_EQ(step.every, 3U);
    EXPECT_EQ(step.probability, 0.25);
    EXPECT_EQ(step.from, std::chrono::milliseconds(20));
    EXPECT_EQ(step.channel, 2U);
    EXPECT_EQ(step.on, Subject::kQuery);
    EXPECT_EQ(step.oid, 0x0001010EU);
    EXPECT_EQ(step.value, 7U);
    EXPECT_EQ(step.offset, 12U);
    EXPECT_EQ(step.seed, 9U);
}

TEST(FaultScript, SortsStepsByNic) {
    std::string why;
    const auto plan = parse_fault_plan(
        R"([{"what": "rescind", "nic": 1}, {"what": "link_flap"}, {"what": "pause", "nic": "all"}])",
        3, why);
    ASSERT_TRUE(plan) << why;
    EXPECT_EQ((*plan)[0].size(), 2U);
    EXPECT_EQ((*plan)[1].size(), 2U);
    EXPECT_EQ((*plan)[1][0].what, Fault::kRescind);
    EXPECT_EQ((*plan)[2].size(), 1U);
}

TEST(FaultScript, RandomStandsForEachKindOfItsSet) {
    const auto script =
        parsed(R"([{"what": "random", "of": "harmless", "probability": 0.001, "after": 10}])");
    std::set<Fault> kinds;
    for (const FaultStep& step : script) {
        kinds.insert(step.what);
        EXPECT_TRUE(kind_of(step.what).harmless);
        EXPECT_EQ(step.how, FaultStep::kAnyVariant);
        EXPECT_EQ(step.count, FaultStep::kForever);
    }
    EXPECT_GT(kinds.size(), 8U);
    EXPECT_EQ(parsed(R"([{"what": "random", "of": "all"}])").size(), kFaults);
    EXPECT_EQ(parsed(R"([{"what": "random", "of": ["pause", "flood"]}])").size(), 2U);
}

TEST(FaultScript, SaysWhatIsWrongInOneLine) {
    const std::pair<const char*, const char*> kBad[] = {
        {"", "JSON"},
        {"{", "JSON"},
        {"{}", "faults"},
        {R"({"faults": [], "sed": 1})", "sed"},
        {R"({"faults": [], "seed": -1})", "seed"},
        {"[1]", "what"},
        {R"([{"after": 1}])", "what"},
        {R"([{"what": "no_such_fault"}])", "no_such_fault"},
        {R"([{"what": 7}])", "7"},
        {R"([{"what": "bad_ppi"}, {"what": "bad_ppi", "after": -1}])", "step 2"},
        {R"([{"what": "bad_ppi", "count": 1.5}])", "count"},
        {R"([{"what": "bad_ppi", "when": 1}])", "when"},
        {R"([{"what": "bad_ppi", "how": "sideways"}])", "sideways"},
        {R"([{"what": "bad_ppi", "how": 1}])", "how"},
        {R"([{"what": "bad_ppi", "every": 0}])", "every"},
        {R"([{"what": "bad_ppi", "probability": 2}])", "probability"},
        {R"([{"what": "bad_ppi", "nic": 1}])", "nic"},
        {R"([{"what": "bad_ppi", "on": "noon"}])", "on"},
        {R"([{"what": "bad_ppi", "oid": "0xZZ"}])", "oid"},
        {R"([{"what": "bad_ppi", "value": 4294967296}])", "value"},
        {R"([{"what": "bad_ppi", "at_ms": 1e99}])", "at_ms"},
        {R"([{"what": "bad_ppi", "of": "all"}])", "of"},
        {R"([{"what": "random"}])", "of"},
        {R"([{"what": "random", "of": "some"}])", "of"},
        {R"([{"what": "random", "of": []}])", "of"},
        {"[{\"what\": \"\xFF\"}]", "JSON"},
    };
    for (const auto& [text, word] : kBad) {
        std::string why;
        EXPECT_FALSE(parse_fault_script(text, why)) << text;
        EXPECT_NE(why.find(word), std::string::npos) << text << ": " << why;
        EXPECT_EQ(why.find('\n'), std::string::npos);
    }
}

/// The schema that editors use names the same faults and keys.
TEST(FaultScript, SchemaNamesEveryFaultAndVariant) {
    std::ifstream file(SOURCE_ROOT "/docs/fault-script.schema.json");
    const auto schema = nlohmann::json::parse(file);
    const auto& step = schema.at("$defs").at("step").at("properties");
    std::set<std::string> listed = step.at("what").at("enum");
    EXPECT_TRUE(listed.contains("random"));
    std::set<std::string> variants = step.at("how").at("enum");
    for (std::size_t i = 0; i < kFaults; ++i) {
        const auto& kind = kind_of(static_cast<Fault>(i));
        EXPECT_TRUE(listed.contains(kind.name)) << kind.name;
        for (const char* variant : kind.variants) {
            EXPECT_TRUE(variant == nullptr || variants.contains(variant)) << kind.name;
        }
    }
    EXPECT_EQ(listed.size(), kFaults + 1);
    for (const char* key : {"nic", "channel", "after", "count", "every", "probability", "at_ms",
                            "on", "oid", "value", "offset", "of"}) {
        EXPECT_TRUE(step.contains(key)) << key;
    }
}

}  // namespace
}  // namespace vmbus::host
