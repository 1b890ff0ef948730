#include "options/eal_arguments.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace options {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> own(std::vector<const char*> words) {
    words.insert(words.begin(), "program");
    return own_arguments(static_cast<int>(words.size()), words.data());
}

TEST(EalArguments, WhatFollowsTheFirstDividerIsOurs) {
    EXPECT_THAT(own({"-l", "0", "--", "--burst", "8"}), ElementsAre("--burst", "8"));
    EXPECT_THAT(own({"-l", "0", "--", "a", "--", "b"}), ElementsAre("a", "--", "b"));
    EXPECT_THAT(own({"--"}), IsEmpty());
}

TEST(EalArguments, WithoutADividerAllIsEals) {
    EXPECT_THAT(own({}), IsEmpty());
    EXPECT_THAT(own({"-l", "0"}), IsEmpty());
    EXPECT_THAT(own({"-l", "0", "--help"}), IsEmpty());
}

TEST(EalArguments, ALoneCryForHelpIsOurs) {
    EXPECT_THAT(own({"--help"}), ElementsAre("--help"));
}

TEST(EalArguments, CanBeHadLastFirst) {
    const std::vector<const char*> words = {"program", "--", "--burst", "8"};
    EXPECT_THAT(own_arguments_reversed(4, words.data()), ElementsAre("8", "--burst"));
}

}  // namespace
}  // namespace options
