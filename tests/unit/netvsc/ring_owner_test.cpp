#include "net/netvsc/ring_owner.hpp"

#include <gtest/gtest.h>

namespace vmbus::netvsc {
namespace {

class RingOwnerTest : public ::testing::Test {
protected:
    ~RingOwnerTest() override { process_tag = kPrimaryTag; }

    RingOwner owner;
};

TEST_F(RingOwnerTest, IsOneAtATime) {
    EXPECT_TRUE(owner.try_enter());
    EXPECT_FALSE(owner.try_enter());
    owner.leave();
    EXPECT_TRUE(owner.try_enter());
}

TEST_F(RingOwnerTest, DeadProcessIsEvicted) {
    process_tag = tag_of_secondary(17);
    ASSERT_TRUE(owner.try_enter());
    process_tag = kPrimaryTag;
    owner.evict(tag_of_secondary(17));
    EXPECT_TRUE(owner.try_enter());
}

TEST_F(RingOwnerTest, EvictionOfOneLeavesAnotherIn) {
    ASSERT_TRUE(owner.try_enter());
    owner.evict(tag_of_secondary(17));
    EXPECT_FALSE(owner.try_enter());
}

}  // namespace
}  // namespace vmbus::netvsc
