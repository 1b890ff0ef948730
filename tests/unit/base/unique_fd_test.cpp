#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace vmbus::base {
namespace {

int open_one() {
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC);
}
bool is_open(int fd) {
    return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(UniqueFd, StartsEmpty) {
    const UniqueFd fd;
    EXPECT_FALSE(fd);
    EXPECT_EQ(fd.get(), -1);
}

TEST(UniqueFd, ClosesAtTheEndOfItsScope) {
    const int number = open_one();
    {
        const UniqueFd fd(number);
        EXPECT_TRUE(fd);
        EXPECT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
}

TEST(UniqueFd, DescriptorZeroIsADescriptor) {
    UniqueFd fd(0);
    EXPECT_TRUE(fd);
    EXPECT_EQ(fd.release(), 0);
}

TEST(UniqueFd, ReleaseGivesItAwayOpen) {
    UniqueFd fd(open_one());
    const UniqueFd other(fd.release());
    EXPECT_FALSE(fd);
    EXPECT_TRUE(is_open(other.get()));
}

TEST(UniqueFd, MoveLeavesTheSourceEmpty) {
    UniqueFd from(open_one());
    const int number = from.get();
    const UniqueFd to(std::move(from));
    EXPECT_EQ(to.get(), number);
    EXPECT_TRUE(is_open(number));
}

TEST(UniqueFd, AssignmentClosesTheOldOne) {
    UniqueFd fd(open_one());
    const int old = fd.get();
    UniqueFd next(open_one());
    const int number = next.get();
    fd = std::move(next);
    EXPECT_FALSE(is_open(old));
    EXPECT_EQ(fd.get(), number);
}

TEST(UniqueFd, ResetToItselfKeepsItOpen) {
    UniqueFd fd(open_one());
    fd.reset(fd.get());
    EXPECT_TRUE(is_open(fd.get()));
}

}  // namespace
}  // namespace vmbus::base
