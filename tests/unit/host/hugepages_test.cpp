// The test support itself: what several test programs do with one number of the kernel.
#include "support/hugepages.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#include "support/port_driver.hpp"

namespace vmbus::test {
namespace {

class HugepagesTest : public testing::Test {
protected:
    HugepagesTest() { std::ofstream(number_) << 10; }
    long number() const {
        long pages = 0;
        std::ifstream(number_) >> pages;
        return pages;
    }

    ScratchFolder folder_;
    const std::string number_ = folder_.file("nr_hugepages");
};

TEST_F(HugepagesTest, EachAddsItsOwnAndTakesNoMoreThanThatBack) {
    auto first = std::make_unique<Hugepages>(4, number_);
    const Hugepages second(6, number_);
    EXPECT_TRUE(first->reserved() && second.reserved());
    EXPECT_EQ(number(), 20);
    first.reset();
    EXPECT_EQ(number(), 16);
}

TEST_F(HugepagesTest, WhereThereAreNoneNothingIsTaken) {
    const Hugepages none(4, folder_.file("no/such/file"));
    EXPECT_FALSE(none.reserved());
}

TEST_F(HugepagesTest, ManyAtOnceLeaveWhatWasThere) {
    std::vector<std::jthread> threads;
    for (unsigned pages = 1; pages <= 4; ++pages) {
        threads.emplace_back([this, pages] {
            for (int i = 0; i < 50; ++i) EXPECT_TRUE(Hugepages(pages, number_).reserved());
        });
    }
    threads.clear();
    EXPECT_EQ(number(), 10);
}

}  // namespace
}  // namespace vmbus::test
