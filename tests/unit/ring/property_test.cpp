// Writer and reader against a plain queue, over generated sequences of operations, ring positions
// and publication modes. The queue and two counters say what must happen.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "ring/reader.hpp"
#include "ring/writer.hpp"
#include "support/flat_ring.hpp"

namespace vmbus::ring {
namespace {

using support::blob;
using support::FlatRing;

constexpr std::uint32_t kSize = 4096;

/// The ring and its reference side by side.
class Twin {
public:
    Twin(Publication mode, std::uint32_t start)
        : flat_(kSize, start),
          writer_(flat_.view(), mode, start),
          reader_(flat_.view(), FooterCheck::kStrict, start) {}

    void write_burst(const std::vector<std::size_t>& payloads) {
        std::vector<std::uint32_t> sizes;
        std::size_t expected = 0;
        std::uint32_t room = kSize - kUnit - held_;
        for (const std::size_t payload : payloads) {
            sizes.push_back(packet_bytes(0, payload));
            if (expected + 1 == sizes.size() && sizes.back() <= room) {
                room -= sizes.back();
                ++expected;
            }
        }
        Reservation place;
        std::size_t count = 0;
        const auto status = writer_.reserve_prefix(sizes, place, count);
        RC_ASSERT(count == expected);
        RC_ASSERT((status == ReserveStatus::kOk) == (expected > 0));
        if (expected > 0) {
            put(place, std::span(payloads).first(count));
        }
    }

    void read(std::size_t packets) {
        while (packets-- > 0 && !queue_.empty()) {
            const auto packet = support::receive(reader_);
            RC_ASSERT(packet.has_value());
            RC_ASSERT(packet->transaction_id == queue_.front().id);
            RC_ASSERT(packet->payload.size() == (queue_.front().payload.size() + 7) / 8 * 8);
            RC_ASSERT(std::ranges::equal(
                base::Bytes(packet->payload).first(queue_.front().payload.size()),
                queue_.front().payload));
            taken_ += packet_bytes(0, queue_.front().payload.size());
            queue_.pop_front();
        }
    }

    /// The peer that waits for `wanted` bytes is signalled exactly when they become free.
    void release(std::uint32_t wanted) {
        flat_.page().pending_send_size.store_relaxed(wanted);
        const std::uint32_t before = kSize - kUnit - held_;
        held_ -= std::exchange(taken_, 0);
        const bool crossed = before < wanted && wanted <= kSize - kUnit - held_;
        RC_ASSERT(reader_.release() == crossed);
    }

private:
    struct Packet {
        std::uint64_t id;
        support::Blob payload;
    };

    void put(const Reservation& place, std::span<const std::size_t> payloads) {
        auto filler = writer_.fill(place);
        const bool was_empty = held_ == 0;
        for (const std::size_t size : payloads) {
            queue_.push_back({next_id_, blob(size, next_id_)});
            filler.put({.transaction_id = next_id_++, .payload = queue_.back().payload});
            held_ += packet_bytes(0, size);
        }
        RC_ASSERT(writer_.publish(place) == was_empty);
    }

    FlatRing flat_;
    Writer writer_;
    Reader reader_;
    std::deque<Packet> queue_;  // published and not read
    std::uint32_t held_ = 0;    // bytes written and not released
    std::uint32_t taken_ = 0;   // bytes read and not released
    std::uint64_t next_id_ = 0;
};

struct Operation {
    int kind;
    std::vector<std::size_t> payloads;
    std::uint32_t wanted;
};

rc::Gen<Operation> operations() {
    const auto payload = rc::gen::weightedOneOf<std::size_t>(
        {{8, rc::gen::inRange<std::size_t>(0, 200)}, {1, rc::gen::inRange<std::size_t>(0, 4057)}});
    return rc::gen::construct<Operation>(
        rc::gen::inRange(0, 3),
        rc::gen::resize(6,
                        rc::gen::nonEmpty(rc::gen::container<std::vector<std::size_t>>(payload))),
        rc::gen::map(rc::gen::inRange<std::uint32_t>(0, kSize / kUnit - 1),
                     [](std::uint32_t n) { return n * kUnit; }));
}

TEST(RingProperty, WriterAndReaderAreAQueue) {
    const bool holds = rc::check("ring == queue", [] {
        const auto mode =
            *rc::gen::element(Publication::kSingle, Publication::kOrdered, Publication::kRelaxed);
        const auto start = *rc::gen::inRange<std::uint32_t>(0, kSize / kUnit) * kUnit;
        const auto steps = *rc::gen::container<std::vector<Operation>>(operations());
        Twin twin(mode, start);
        for (const auto& step : steps) {
            if (step.kind == 0) twin.write_burst(step.payloads);
            if (step.kind == 1) twin.read(step.payloads.size());
            if (step.kind == 2) twin.release(step.wanted);
        }
    });
    EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace vmbus::ring
