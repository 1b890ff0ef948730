#include "base/result.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>
#include <string>

namespace vmbus::base {
namespace {

TEST(Result, HoldsAValue) {
    const Result<std::string> result(std::string("here"));
    EXPECT_TRUE(result.ok());
    EXPECT_TRUE(static_cast<bool>(result));
    EXPECT_EQ(result.error(), 0);
    EXPECT_EQ(result.value(), "here");
}

TEST(Result, HoldsAnError) {
    const auto result = Result<int>::error(ENOENT);
    EXPECT_FALSE(result.ok());
    EXPECT_EQ(result.error(), ENOENT);
}

TEST(Result, AnIntegerValueIsNotTakenForAnError) {
    const Result<int> result(ENOENT);
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result.value(), ENOENT);
}

TEST(Result, GivesAMoveOnlyValueAway) {
    Result<std::unique_ptr<int>> result(std::make_unique<int>(5));
    const std::unique_ptr<int> value = std::move(result).value();
    EXPECT_EQ(*value, 5);
}

TEST(Result, ValueCanBeChangedInPlace) {
    Result<int> result(1);
    result.value() = 2;
    EXPECT_EQ(result.value(), 2);
}

}  // namespace
}  // namespace vmbus::base
