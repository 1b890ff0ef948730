// What OpenVMM's host expects of a ring, by the names of its tests (tests/conformance.list).
#include <gtest/gtest.h>

#include <vector>

#include "support/flat_ring.hpp"

namespace vmbus::ring {
namespace {

using support::blob;
using support::FlatRing;
using support::receive;
using support::send;

constexpr std::uint32_t kSize = 16 * 1024;

class RingConformance : public testing::Test {
protected:
    FlatRing flat_{kSize};
    Writer writer_{flat_.view(), Publication::kSingle};
    Reader reader_{flat_.view()};
};

// conformance: test_ring
TEST_F(RingConformance, OnePacketSignalsItsReaderAndNobodyElse) {
    const auto bytes = blob(100);
    EXPECT_TRUE(send(writer_, bytes, 7).signal);
    const auto packet = receive(reader_);
    ASSERT_TRUE(packet);
    EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), packet->payload.begin()));
    EXPECT_EQ(packet->transaction_id, 7U);
    EXPECT_FALSE(reader_.release());
}

// conformance: test_interrupt_mask
TEST_F(RingConformance, MaskedReaderIsSignalledOnlyAfterItUnmasks) {
    reader_.mask();
    EXPECT_FALSE(send(writer_, blob(8)).signal);
    ASSERT_TRUE(receive(reader_));
    reader_.release();
    EXPECT_FALSE(reader_.unmask_and_recheck());
    EXPECT_TRUE(send(writer_, blob(8)).signal);
    EXPECT_FALSE(send(writer_, blob(8)).signal);
}

// conformance: test_pending_send_size
TEST_F(RingConformance, WriterThatWaitsIsSignalledExactlyAtTheRoomItAskedFor) {
    const auto big = blob(4000);
    while (send(writer_, big).status == ReserveStatus::kOk) {
    }
    ASSERT_TRUE(receive(reader_));
    EXPECT_FALSE(reader_.release()) << "nobody waits yet";
    ASSERT_EQ(send(writer_, big).status, ReserveStatus::kOk);
    ASSERT_TRUE(writer_.ask_for_room(2 * packet_bytes(0, 4000)));
    ASSERT_TRUE(receive(reader_));
    EXPECT_FALSE(reader_.release());
    ASSERT_TRUE(receive(reader_));
    EXPECT_TRUE(reader_.release());
    ASSERT_TRUE(receive(reader_));
    EXPECT_FALSE(reader_.release());
}

// conformance: bench_ring
TEST(RingMemoryConformance, CopiesOfEachSizeSurviveTheWrapAtEachAlignment) {
    for (const std::size_t size : {16U, 40U, 256U, 8192U}) {
        for (std::uint32_t before = 0; before <= 48; ++before) {
            FlatRing flat(kSize);
            auto memory = flat.view();
            const auto bytes = blob(size, before);
            memory.copy_in(kSize - 24 - before / 8 * 8 + before % 8, bytes);
            support::Blob back(size);
            memory.copy_out(kSize - 24 - before / 8 * 8 + before % 8, back);
            EXPECT_EQ(back, bytes) << size << " bytes, " << before;
        }
    }
}

}  // namespace
}  // namespace vmbus::ring
