#include "base/copy.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace vmbus::base {
namespace {

std::vector<std::byte> counting(std::size_t n) {
    std::vector<std::byte> bytes(n);
    for (std::size_t i = 0; i < n; ++i) {
        bytes[i] = static_cast<std::byte>(i + 1);
    }
    return bytes;
}

TEST(Copy, CopiesEverySizeAndNothingBehindIt) {
    constexpr auto kUntouched = std::byte{0xEE};
    for (std::size_t n = 0; n <= 3 * kInlineCopyBytes; ++n) {
        const auto from = counting(n);
        std::vector<std::byte> to(n + 1, kUntouched);
        copy(to.data(), from);
        EXPECT_EQ(to.back(), kUntouched) << n;
        to.pop_back();
        EXPECT_EQ(to, from);
    }
}

TEST(Copy, TakesNullForNothing) {
    std::byte to{0x55};
    copy(&to, Bytes{});
    EXPECT_EQ(to, std::byte{0x55});
}

TEST(Copy, ForeignBytesArriveWhole) {
    for (std::size_t n = 1; n <= 2 * kInlineCopyBytes; ++n) {
        const auto from = counting(n);
        std::vector<std::byte> to(n);
        copy_foreign(to.data(), from.data(), n);
        EXPECT_EQ(to, from);
    }
}

}  // namespace
}  // namespace vmbus::base
