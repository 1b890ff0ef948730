#include "bus/vmbus/common_place.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/unique_fd.hpp"

namespace vmbus::bus {
namespace {

// Where EAL has memory is for tests/e2e/processes_test.cpp, whose processes meet there.
TEST(CommonPlace, WithoutMemoryOfEalTheKernelChooses) {
    const base::UniqueFd file(::memfd_create("common-place", MFD_CLOEXEC));
    ASSERT_EQ(::ftruncate(file.get(), 8192), 0);
    auto one = map_in_common_place(file.get(), 8192);
    auto other = map_in_common_place(file.get(), 4096, 4096);
    ASSERT_TRUE(one && other);
    one.value().data()[4096] = std::byte{7};
    EXPECT_EQ(other.value().data()[0], std::byte{7});
}

TEST(CommonPlace, SaysWhyItFailed) {
    EXPECT_EQ(map_in_common_place(-1, 4096).error(), EBADF);
}

}  // namespace
}  // namespace vmbus::bus
