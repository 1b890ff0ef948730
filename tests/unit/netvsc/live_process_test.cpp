#include "net/netvsc/live_process.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace vmbus::netvsc {
namespace {

TEST(LiveProcess, LivesUntilItEnds) {
    EXPECT_TRUE(process_lives(::getpid()));
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        char byte = 0;
        ::close(ends[1]);
        ::_exit(::read(ends[0], &byte, 1) == 0 ? 0 : 1);
    }
    EXPECT_TRUE(process_lives(child));
    ::close(ends[1]);
    siginfo_t ended{};
    // Ended, but not waited for: its number is still taken.
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
    EXPECT_FALSE(process_lives(child));
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    EXPECT_FALSE(process_lives(child));
    ::close(ends[0]);
}

TEST(LiveProcess, NamespaceOfProcessesHasANumber) {
    EXPECT_NE(process_namespace(), 0U);
}

}  // namespace
}  // namespace vmbus::netvsc
