#include "base/wait.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace vmbus::base {
namespace {

using Word = Shared<std::uint64_t>;

TEST(Wait, LooksOnceWhenTheWordIsThereAlready) {
    Word word(7);
    int looks = 0;
    wait_until(&word, [&] { return ++looks, word.load_acquire() == 7; });
    EXPECT_EQ(looks, 1);
}

TEST(Wait, GoesOnLookingAfterTheSpin) {
    Word word(0);
    unsigned looks = 0;
    wait_until(&word, [&] { return ++looks == 2 * kSpins; });
    EXPECT_EQ(looks, 2 * kSpins);
}

TEST(Wait, ADozeEndsThoughNobodyWrites) {
    Word word(0);
    watch(&word);
    doze();
    doze();  // with no watch before it
}

TEST(Wait, SeesWhatWasWrittenBeforeTheWord) {
    Word word(0);
    int plain = 0;
    std::thread other([&] {
        std::this_thread::yield();
        plain = 42;
        word.store_release(1);
    });
    wait_until(&word, [&] { return word.load_acquire() == 1; });
    EXPECT_EQ(plain, 42);
    other.join();
}

TEST(Wait, TwoThreadsTakeTurnsMoreOftenThanASpinLasts) {
    constexpr std::uint64_t kTurns = 40;
    Word turn(0);
    const auto play = [&turn](std::uint64_t first) {
        for (std::uint64_t mine = first; mine < kTurns; mine += 2) {
            wait_until(&turn, [&] { return turn.load_acquire() == mine; });
            turn.store_release(mine + 1);
        }
    };
    std::thread other(play, 1);
    play(0);
    other.join();
    EXPECT_EQ(turn.load_relaxed(), kTurns);
}

}  // namespace
}  // namespace vmbus::base
