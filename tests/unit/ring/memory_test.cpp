#include "ring/memory.hpp"

#include <gtest/gtest.h>

#include <array>

#include "support/flat_ring.hpp"

namespace vmbus::ring {
namespace {

using support::blob;
using support::FlatRing;

struct alignas(4096) Half {
    std::array<std::byte, 3 * 4096> bytes{};
};

TEST(MappedRing, ViewPutsDataAfterTheHeader) {
    Half half;
    auto ring = MappedRing::view(half.bytes, 4096);
    ASSERT_TRUE(ring.ok());
    EXPECT_EQ(ring.value().size(), 8192U);
    ring.value().copy_in(0, blob(1));
    EXPECT_EQ(half.bytes[4096], blob(1)[0]);
}

TEST(MappedRing, ViewRefusesSizesThatAreNotARing) {
    Half half;
    const base::MutableBytes all = half.bytes;
    EXPECT_EQ(MappedRing::view(all.first(4096), 4096).error(), EINVAL);
    EXPECT_EQ(MappedRing::view(all.first(8192 + 8), 4096).error(), EINVAL);
    EXPECT_EQ(MappedRing::view(all, 2048).error(), EINVAL);
    EXPECT_EQ(MappedRing::view(all.first(0), 0).error(), EINVAL);
}

TEST(MappedRing, CopiesComeBackFromEveryPositionAndWrapOnce) {
    FlatRing flat;
    const auto ring = flat.view();
    for (std::uint32_t at = 0; at < ring.size(); at += kUnit) {
        const auto written = blob(40, at);
        support::Blob read(40);
        ring.copy_in(at, written);
        ring.copy_out(at, read);
        ASSERT_EQ(read, written) << at;
    }
}

TEST(MappedRing, AWrappingCopyTouchesOnlyItsBytes) {
    FlatRing flat;
    const auto written = blob(24);
    flat.view().copy_in(4088, written);
    EXPECT_EQ(flat.data()[4088], written[0]);
    EXPECT_EQ(flat.data()[0], written[8]);
    EXPECT_EQ(flat.data()[15], written[23]);
    EXPECT_EQ(flat.data()[16], std::byte{0});
    EXPECT_EQ(flat.data()[4087], std::byte{0});
}

TEST(MappedRing, ACopyOfTheWholeRingFits) {
    FlatRing flat;
    const auto written = blob(4096);
    support::Blob read(4096);
    flat.view().copy_in(2048, written);
    flat.view().copy_out(2048, read);
    EXPECT_EQ(read, written);
}

TEST(MappedRing, InitialiseClearsTheWordsAndPromisesPendingSize) {
    FlatRing flat;
    auto ring = flat.view();
    ring.page().in.store_relaxed(8);
    ring.page().out.store_relaxed(8);
    ring.page().interrupt_mask.store_relaxed(1);
    ring.page().pending_send_size.store_relaxed(64);
    ring.page().feature_bits.store_relaxed(0);
    initialise(ring);
    EXPECT_EQ(flat.in(), 0U);
    EXPECT_EQ(flat.out(), 0U);
    EXPECT_EQ(ring.page().interrupt_mask.load_relaxed(), 0U);
    EXPECT_EQ(ring.page().pending_send_size.load_relaxed(), 0U);
    EXPECT_EQ(ring.page().feature_bits.load_relaxed(), wire::kFeaturePendingSendSize);
}

}  // namespace
}  // namespace vmbus::ring
