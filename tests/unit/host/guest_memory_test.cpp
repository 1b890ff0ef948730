#include "host/guest_memory.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <numeric>
#include <vector>

namespace {

using namespace vmbus;
using host::GpaSpan;

std::uint64_t gpa_of(const void* address) {
    return reinterpret_cast<std::uintptr_t>(address);
}

/// The process under test plays the guest too.
class GuestMemoryTest : public testing::Test {
protected:
    void SetUp() override { std::iota(text_.begin(), text_.end(), std::uint8_t{0}); }

    std::uint8_t at(std::size_t index) const { return std::to_integer<std::uint8_t>(out_[index]); }
    GpaSpan span(std::size_t offset, std::uint32_t length) const {
        return {gpa_of(&text_[offset]), length};
    }

    std::vector<std::uint8_t> text_ = std::vector<std::uint8_t>(4096);
    std::vector<std::byte> out_ = std::vector<std::byte>(4096);
    host::ProcessMemory memory_{getpid()};
};

TEST_F(GuestMemoryTest, ReadCopiesFromTheAddress) {
    EXPECT_TRUE(memory_.read(gpa_of(&text_[7]), base::MutableBytes(out_).first(3)));
    EXPECT_EQ(at(0), 7);
    EXPECT_EQ(at(2), 9);
}

TEST_F(GuestMemoryTest, ReadOfNothingSucceeds) {
    EXPECT_TRUE(memory_.read(0, {}));
    EXPECT_TRUE(memory_.gather({}, {}));
}

TEST_F(GuestMemoryTest, GatherPutsSpansInARow) {
    const std::array spans{span(10, 2), span(200, 1), span(0, 0), span(1, 1)};
    EXPECT_TRUE(memory_.gather(spans, base::MutableBytes(out_).first(4)));
    EXPECT_EQ(at(1), 11);
    EXPECT_EQ(at(2), 200);
    EXPECT_EQ(at(3), 1);
}

TEST_F(GuestMemoryTest, GatherTakesMoreSpansThanOneSystemCall) {
    std::vector<GpaSpan> spans;
    for (std::size_t i = 0; i < 2500; ++i) {
        spans.push_back(span(i, 1));
    }
    EXPECT_TRUE(memory_.gather(spans, base::MutableBytes(out_).first(2500)));
    EXPECT_EQ(at(2499), 2499 % 256);
}

TEST_F(GuestMemoryTest, GatherRefusesSpansOfAnotherLength) {
    const std::array spans{span(0, 2), span(0, UINT32_MAX)};
    EXPECT_FALSE(memory_.gather(spans, base::MutableBytes(out_).first(1)));
    EXPECT_FALSE(memory_.gather(std::span(spans).first(1), base::MutableBytes(out_).first(3)));
}

TEST_F(GuestMemoryTest, OneForeignByteFailsTheRead) {
    void* const pages = mmap(nullptr, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(pages, MAP_FAILED);
    munmap(static_cast<char*>(pages) + 4096, 4096);
    EXPECT_TRUE(memory_.read(gpa_of(pages) + 4000, base::MutableBytes(out_).first(96)));
    EXPECT_FALSE(memory_.read(gpa_of(pages) + 4000, base::MutableBytes(out_).first(97)));
    munmap(pages, 4096);
}

TEST_F(GuestMemoryTest, AddressesThatWrapAreRefused) {
    EXPECT_FALSE(memory_.read(UINT64_MAX - 3, base::MutableBytes(out_).first(8)));
    EXPECT_FALSE(memory_.read(UINT64_MAX / 2, base::MutableBytes(out_).first(8)));
}

/// A page that a forked child has and this process has no more.
TEST(GuestMemory, EachProcessOfAGuestIsAskedUntilOneHasThePages) {
    void* const page =
        mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(page, MAP_FAILED);
    std::memset(page, 42, 4096);
    const pid_t child = fork();
    if (child == 0) {
        pause();
    }
    munmap(page, 4096);
    std::array<std::byte, 1> out{};
    host::ProcessMemory memory(getpid());
    EXPECT_FALSE(memory.read(gpa_of(page), out));
    memory.set_processes(std::array{getpid(), child});
    EXPECT_TRUE(memory.read(gpa_of(page), out));
    EXPECT_EQ(out[0], std::byte{42});
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    EXPECT_FALSE(memory.read(gpa_of(page), out));
}

TEST(GuestMemory, GuestThatEndedCannotBeRead) {
    const pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    std::array<std::byte, 1> out{};
    EXPECT_FALSE(host::ProcessMemory(child).read(gpa_of(&out), out));
}

}  // namespace
