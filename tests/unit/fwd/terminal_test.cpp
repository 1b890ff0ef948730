#include "netvsc-fwd/terminal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace netvsc_fwd {
namespace {

using testing::ElementsAre;

TEST(Terminal, FirstLinesAreWrittenWhereTheCursorIs) {
    EXPECT_EQ(redraw(0, {"a", "b"}), "\ra\x1b[K\n\rb\x1b[K\n\x1b[J");
}

TEST(Terminal, LaterOnesStandInPlaceOfThoseBefore) {
    EXPECT_EQ(redraw(2, {"c"}), "\x1b[2A\rc\x1b[K\n\x1b[J");
}

TEST(Terminal, LongLinesAreCutSoThatNoneWraps) {
    EXPECT_THAT(fitted({"12345", "123"}, {.rows = 24, .columns = 4}), ElementsAre("1234", "123"));
}

TEST(Terminal, TooManyLinesEndWithHowManyMoreThereAre) {
    EXPECT_THAT(fitted({"a", "b", "c", "d"}, {.rows = 4, .columns = 80}),
                ElementsAre("a", "b", "(2 more lines than fit)"));
    EXPECT_THAT(fitted({"a", "b", "c"}, {.rows = 4, .columns = 80}), ElementsAre("a", "b", "c"));
}

}  // namespace
}  // namespace netvsc_fwd
