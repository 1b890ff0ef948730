#include "base/placed.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace vmbus::base {
namespace {

int taken = 0;
int given = 0;
bool exhausted = false;

class PlacedObjects : public ::testing::Test {
protected:
    PlacedObjects() {
        taken = given = 0;
        exhausted = false;
        place = {[](std::size_t bytes, std::size_t alignment) noexcept -> void* {
                     taken += exhausted ? 0 : 1;
                     return exhausted ? nullptr : take_from_heap(bytes, alignment);
                 },
                 [](void* memory) noexcept {
                     given += memory == nullptr ? 0 : 1;
                     std::free(memory);
                 }};
    }
    ~PlacedObjects() override { place = before_; }

private:
    Place before_ = place;
};

struct alignas(128) Wide {
    explicit Wide(int& alive) : alive_(alive) { ++alive_; }
    ~Wide() { --alive_; }
    int& alive_;
};

TEST_F(PlacedObjects, ObjectLivesInThePlaceUntilItsOwnerGoes) {
    int alive = 0;
    {
        const auto wide = make_placed<Wide>(alive);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(wide.get()) % 128, 0U);
        EXPECT_EQ(alive, 1);
        EXPECT_EQ(taken, 1);
    }
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(given, 1);
}

TEST_F(PlacedObjects, ArrayStartsWithFreshItems) {
    const auto words = make_placed_array<std::uint64_t>(1000);
    for (std::size_t i = 0; i < 1000; ++i) ASSERT_EQ(words[i], 0U);
}

TEST_F(PlacedObjects, EmptyArrayIsThere) {
    EXPECT_NE(make_placed_array<int>(0), nullptr);
}

TEST_F(PlacedObjects, NoMemoryIsNullptr) {
    exhausted = true;
    int alive = 0;
    EXPECT_EQ(make_placed<Wide>(alive), nullptr);
    EXPECT_EQ(make_placed_array<int>(4), nullptr);
    EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace vmbus::base
