#include "host/temper.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace vmbus::host {
namespace {

TEST(Temper, IsNamedAsOnTheCommandLine) {
    EXPECT_EQ(temper_named("strict"), Temper::kStrict);
    EXPECT_EQ(temper_named("tolerant"), Temper::kTolerant);
    EXPECT_EQ(temper_named("openvmm"), Temper::kOpenvmm);
    EXPECT_FALSE(temper_named("Strict"));
    EXPECT_FALSE(temper_named(""));
}

TEST(Temper, EachReactionHasItsOwnSentence) {
    std::set<std::string> sentences;
    for (const Reaction reaction :
         {Reaction::kCarried, Reaction::kSkipped, Reaction::kFailure, Reaction::kStops}) {
        EXPECT_TRUE(sentences.insert(to_string(reaction)).second);
    }
}

}  // namespace
}  // namespace vmbus::host
