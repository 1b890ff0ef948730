#include "base/mapping.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cerrno>
#include <utility>

#include "base/unique_fd.hpp"

namespace vmbus::base {
namespace {

class MappingTest : public testing::Test {
protected:
    MappingTest() : file_(::memfd_create("mapping-test", MFD_CLOEXEC)) {
        EXPECT_EQ(::ftruncate(file_.get(), static_cast<off_t>(2 * page_)), 0);
    }
    Mapping map(std::size_t length, std::size_t offset = 0) {
        auto mapping = Mapping::map_shared(file_.get(), length, static_cast<off_t>(offset));
        EXPECT_TRUE(mapping.ok());
        return std::move(mapping).value();
    }
    bool mapped(std::byte* at) const { return ::msync(at, page_, MS_ASYNC) == 0; }

    const std::size_t page_ = system_page_size();
    UniqueFd file_;
};

TEST_F(MappingTest, TwoMappingsOfAFileAreTheSameBytes) {
    const Mapping all = map(2 * page_);
    const Mapping second = map(page_, page_);
    all.bytes()[page_] = std::byte{0x5A};
    EXPECT_EQ(second.bytes()[0], std::byte{0x5A});
    EXPECT_EQ(second.size(), page_);
}

TEST_F(MappingTest, UnmapsAtTheEndOfItsScope) {
    std::byte* at = nullptr;
    {
        const Mapping mapping = map(page_);
        at = mapping.data();
        EXPECT_TRUE(mapped(at));
    }
    EXPECT_FALSE(mapped(at));
}

TEST_F(MappingTest, MoveHandsTheMemoryOver) {
    Mapping from = map(page_);
    std::byte* at = from.data();
    Mapping to = std::move(from);
    EXPECT_EQ(to.data(), at);
    EXPECT_TRUE(mapped(at));
    to = map(page_, page_);
    EXPECT_TRUE(to);
    to.reset();
    EXPECT_FALSE(to);
    EXPECT_EQ(to.size(), 0U);
}

TEST_F(MappingTest, PagesOfAFileThatShrankAreReplacedByZeroesInPlace) {
    Mapping mapping = map(2 * page_);
    std::byte* const at = mapping.data() + page_;
    *at = std::byte{0x5A};
    ASSERT_EQ(::ftruncate(file_.get(), 0), 0);
    errno = EBADF;
    ASSERT_TRUE(mapping.replace_by_zeroes());
    EXPECT_EQ(errno, EBADF) << "as it was before the signal";
    EXPECT_EQ(*at, std::byte{0});
    mapping.reset();
    EXPECT_FALSE(mapped(at));
    EXPECT_FALSE(mapping.replace_by_zeroes());
}

TEST_F(MappingTest, ContainsItsBytesAndNoOthers) {
    const Mapping mapping = map(page_);
    EXPECT_TRUE(mapping.contains(mapping.data()));
    EXPECT_TRUE(mapping.contains(mapping.data() + page_ - 1));
    EXPECT_FALSE(mapping.contains(mapping.data() + page_));
    EXPECT_FALSE(mapping.contains(mapping.data() - 1));
    EXPECT_FALSE(Mapping().contains(nullptr));
}

TEST_F(MappingTest, LiesAtTheAddressThatWasAskedForOrNowhere) {
    std::uintptr_t address = 0;
    {
        const Mapping first = map(page_);
        address = reinterpret_cast<std::uintptr_t>(first.data());
        EXPECT_EQ(Mapping::map_shared_at(address, file_.get(), page_).error(), EEXIST);
        EXPECT_TRUE(mapped(first.data()));
    }
    const auto again = Mapping::map_shared_at(address, file_.get(), page_);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(again.value().data()), address);
}

TEST_F(MappingTest, SaysWhyItFailed) {
    EXPECT_EQ(Mapping::map_shared(-1, page_).error(), EBADF);
    EXPECT_EQ(Mapping::map_shared(file_.get(), page_, 1).error(), EINVAL);
}

TEST_F(MappingTest, RoundsUpToWholePages) {
    EXPECT_EQ(round_up_to_pages(0), 0U);
    EXPECT_EQ(round_up_to_pages(1), page_);
    EXPECT_EQ(round_up_to_pages(page_), page_);
    EXPECT_EQ(round_up_to_pages(page_ + 1), 2 * page_);
}

}  // namespace
}  // namespace vmbus::base
