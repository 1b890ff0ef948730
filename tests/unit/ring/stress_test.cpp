// Many producers and one consumer on real threads: each producer's packets arrive once, whole and
// in its order. Bounded counts; with ThreadSanitizer this is also the race test.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <tuple>
#include <vector>

#include "ring/reader.hpp"
#include "ring/writer.hpp"
#include "support/flat_ring.hpp"

namespace vmbus::ring {
namespace {

using support::blob;

/// Of each producer. Few where each waits for its predecessor: on a machine with fewer cores than
/// producers such a wait can take a time slice.
constexpr std::uint64_t packets(Publication mode, int producers) {
    const std::uint64_t together = mode == Publication::kOrdered && producers > 1 ? 1000 : 24000;
    return together / static_cast<std::uint64_t>(producers);
}

std::uint64_t id_of(std::uint64_t producer, std::uint64_t number) {
    return producer << 32 | number;
}
std::size_t size_of(std::uint64_t number) {
    return number * 13 % 190;
}

class RingStress : public testing::TestWithParam<std::tuple<Publication, int>> {
protected:
    /// Sends in bursts of 1 to 3 packets.
    void produce(std::uint64_t producer) {
        for (std::uint64_t sent = 0; sent < packets_;) {
            std::vector<std::uint32_t> sizes;
            for (std::uint64_t i = sent; i < packets_ && i < sent + 1 + sent % 3; ++i) {
                sizes.push_back(packet_bytes(0, size_of(i)));
            }
            Reservation place;
            std::size_t count = 0;
            if (writer_.reserve_prefix(sizes, place, count) != ReserveStatus::kOk) {
                std::this_thread::yield();
                continue;
            }
            auto filler = writer_.fill(place);
            for (std::size_t i = 0; i < count; ++i, ++sent) {
                const auto payload = blob(size_of(sent), sent);
                filler.put({.transaction_id = id_of(producer, sent), .payload = payload});
            }
            writer_.publish(place);
        }
    }

    /// False when the packet is not the one expected next from its producer.
    bool take(const PacketView& view, std::vector<std::uint64_t>& next) {
        const std::uint64_t producer = view.transaction_id() >> 32;
        const std::uint64_t number = view.transaction_id() & UINT32_MAX;
        support::Blob payload(size_of(number));
        return producer < next.size() && number == next[producer]++ &&
               view.copy_payload(0, payload) && payload == blob(payload.size(), number);
    }

    void consume(std::vector<std::uint64_t>& next) {
        const std::uint64_t wanted = next.size() * packets_;
        PacketView view;
        for (std::uint64_t taken = 0; taken < wanted;) {
            if (!reader_.poll()) {
                ASSERT_EQ(reader_.error(), PacketError::kNone);
                std::this_thread::yield();
            }
            for (; reader_.next(view); ++taken) {
                ASSERT_TRUE(take(view, next)) << view.transaction_id();
            }
            reader_.release();
        }
    }

    const std::uint64_t packets_ = packets(std::get<0>(GetParam()), std::get<1>(GetParam()));
    support::FlatRing flat_;
    Writer writer_{flat_.view(), std::get<0>(GetParam())};
    Reader reader_{flat_.view(), FooterCheck::kStrict};
};
INSTANTIATE_TEST_SUITE_P(Single, RingStress, testing::Values(std::tuple{Publication::kSingle, 1}));
INSTANTIATE_TEST_SUITE_P(Ordered, RingStress,
                         testing::Combine(testing::Values(Publication::kOrdered),
                                          testing::Range(1, 9)));
INSTANTIATE_TEST_SUITE_P(Relaxed, RingStress,
                         testing::Combine(testing::Values(Publication::kRelaxed),
                                          testing::Range(1, 9)));

TEST_P(RingStress, EachProducersPacketsArriveOnceInOrder) {
    const auto producers = static_cast<std::uint64_t>(std::get<1>(GetParam()));
    std::vector<std::thread> threads;
    for (std::uint64_t p = 0; p < producers; ++p) {
        threads.emplace_back([this, p] { produce(p); });
    }
    std::vector<std::uint64_t> next(producers);
    consume(next);
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(next, std::vector<std::uint64_t>(producers, packets_));
    EXPECT_EQ(flat_.in(), flat_.out());
}

}  // namespace
}  // namespace vmbus::ring
