#include "net/netvsc/door.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace vmbus::netvsc {
namespace {

constexpr std::uint16_t kPort = 7;
constexpr std::uint32_t kOther = tag_of_secondary(4242);

/// Plays both processes: the tag says which.
class DoorTest : public ::testing::Test {
protected:
    ~DoorTest() override { process_tag = kPrimaryTag; }

    void announce() { door.announce({.uio_number = 3}, 1); }
    int inside() {
        int count = 0;
        door.for_each_inside([&](Door::Seat&, bool, std::uint16_t) { ++count; });
        return count;
    }
    std::size_t holders(bool dead = false) {
        return door.for_each_holder([dead](int) { return dead; });
    }

    Door door;
};

TEST_F(DoorTest, ShutDoorLetsNobodyIn) {
    announce();
    EXPECT_FALSE(door.enter(door.rx[0], door.announced()));
    EXPECT_EQ(inside(), 0);
}

TEST_F(DoorTest, OpenDoorLetsInWhoHasThatMapping) {
    announce();
    door.open();
    EXPECT_FALSE(door.enter(door.rx[0], 0));
    EXPECT_FALSE(door.enter(door.rx[0], door.announced() + 1));
    EXPECT_TRUE(door.enter(door.rx[0], door.announced()));
    EXPECT_EQ(inside(), 1);
    Door::leave(door.rx[0]);
    EXPECT_EQ(inside(), 0);
}

TEST_F(DoorTest, SaysWhoIsInsideOnWhichQueue) {
    process_tag = kOther;
    announce();
    door.open();
    ASSERT_TRUE(door.enter(door.tx[5], door.announced()));
    door.shut();
    int seen = 0;
    door.for_each_inside([&](Door::Seat& seat, bool is_rx, std::uint16_t queue) {
        EXPECT_EQ(process_of(Door::taken_by(seat)), 4242);
        EXPECT_FALSE(is_rx);
        EXPECT_EQ(queue, 5);
        ++seen;
    });
    EXPECT_EQ(seen, 1);
    EXPECT_TRUE(door.i_am_inside());
    process_tag = kPrimaryTag;
    EXPECT_FALSE(door.i_am_inside());
}

// Otherwise the next one would go on with what a dead one left half done, and hide that it died.
TEST_F(DoorTest, TakenQueueLetsNobodyElseIn) {
    announce();
    door.open();
    process_tag = kOther;
    ASSERT_TRUE(door.enter(door.tx[1], door.announced()));
    process_tag = tag_of_secondary(4243);
    EXPECT_FALSE(door.enter(door.tx[1], door.announced()));
    EXPECT_TRUE(door.enter(door.tx[2], door.announced())) << "another queue is another matter";
    EXPECT_EQ(Door::taken_by(door.tx[1]), kOther);
}

TEST_F(DoorTest, EachMappingHasANameOfItsOwn) {
    announce();
    const Door::Epoch first = door.announced();
    door.recall();
    EXPECT_EQ(door.announced(), 0U);
    announce();
    EXPECT_NE(door.announced(), first);
}

TEST_F(DoorTest, HolderIsKnownUntilItLetsGo) {
    announce();
    process_tag = kOther;
    EXPECT_EQ(door.hold(), door.announced());
    EXPECT_EQ(door.places().uio_number, 3);
    EXPECT_EQ(holders(), 1U);
    door.let_go();
    EXPECT_EQ(holders(), 0U);
}

TEST_F(DoorTest, NothingCanBeHeldThatWasCalledBack) {
    announce();
    door.recall();
    process_tag = kOther;
    EXPECT_EQ(door.hold(), 0U);
    EXPECT_EQ(holders(), 0U);
}

TEST_F(DoorTest, DeadHoldersAreForgotten) {
    announce();
    process_tag = kOther;
    ASSERT_NE(door.hold(), 0U);
    EXPECT_EQ(holders(true), 0U);
    EXPECT_EQ(holders(), 0U);
}

TEST_F(DoorTest, MoreThanItHasPlacesForAreTurnedAway) {
    announce();
    for (std::uint32_t i = 0; i < Door::kMostHolders; ++i) {
        process_tag = tag_of_secondary(100 + i);
        EXPECT_NE(door.hold(), 0U);
    }
    process_tag = kOther;
    EXPECT_EQ(door.hold(), 0U);
    EXPECT_EQ(holders(), Door::kMostHolders);
}

TEST_F(DoorTest, NobodyIsInsideOnceItIsShutAndEmpty) {
    announce();
    process_tag = kOther;
    std::atomic<bool> end{false};
    std::uint64_t guarded = 0;  // a race here is for TSan to find, and for the count
    std::uint64_t entered = 0;
    std::thread burst([&] {
        while (!end) {
            if (door.enter(door.rx[1], 1)) {
                ++guarded;
                ++entered;
                Door::leave(door.rx[1]);
            }
        }
    });
    std::uint64_t ours = 0;
    for (int round = 0; round < 2000; ++round) {
        door.open();
        std::this_thread::yield();
        door.shut();
        while (inside() != 0) std::this_thread::yield();
        ++guarded;
        ++ours;
    }
    end = true;
    burst.join();
    EXPECT_EQ(guarded, entered + ours);
}

TEST(DoorOfPort, IsTheSameForWhoAsksLater) {
    EXPECT_EQ(door_of(kPort, false), nullptr);
    Door* const made = door_of(kPort, true);
    ASSERT_NE(made, nullptr);
    EXPECT_EQ(door_of(kPort, true), made);
    EXPECT_EQ(door_of(kPort, false), made);
    EXPECT_EQ(door_of(kPort + 1, false), nullptr);
}

}  // namespace
}  // namespace vmbus::netvsc
