// What the ring would be without two of its ideas: both mistakes must be found.
#include <gtest/gtest.h>

#include "ring_scenario.hpp"

namespace vmbus::model {
namespace {

using ring::Publication;
using ring::ReserveStatus;

/// Reserves by a 32-bit index, as upstream does: the index may have come round to the same value
/// between the look at the room and the exchange.
class IndexOnlyWriter {
public:
    IndexOnlyWriter(ModelMemory memory, Publication /*mode*/) : memory_(memory) {}

    ReserveStatus reserve(std::uint32_t bytes, ring::Reservation& place) {
        std::uint32_t start = reserved_.load_acquire();
        const std::uint32_t out = memory_.page().out.load_acquire();
        if (geometry_.free(start, out) < bytes) return ReserveStatus::kFull;
        place = {ring::Position(start), ring::Position(geometry_.advance(start, bytes))};
        return reserved_.compare_exchange_weak_acq_rel(start, place.end.index())
                   ? ReserveStatus::kOk
                   : ReserveStatus::kFull;
    }
    ring::Filler<ModelMemory> fill(const ring::Reservation& place) { return {memory_, place}; }
    bool publish(const ring::Reservation& place) {
        while (committed_.load_acquire() != place.start.index()) {
        }
        memory_.page().in.store_seq_cst(place.end.index());
        committed_.store_release(place.end.index());
        return true;
    }
    bool ask_for_room(std::uint32_t /*bytes*/) { return false; }

private:
    ModelMemory memory_;
    ring::Geometry geometry_{memory_.size()};
    ModelWord<std::uint32_t> reserved_{"reserved", 0};
    ModelWord<std::uint32_t> committed_{"committed", 0};
};

/// Goes to sleep although another producer's packet is not published: the peer then counts more
/// free bytes than this writer, and the crossing that should wake it is past.
class HastyWaiter : public ring::BasicWriter<ModelMemory> {
public:
    using BasicWriter::BasicWriter;
    bool ask_for_room(std::uint32_t bytes) {
        memory().page().pending_send_size.store_seq_cst(bytes);
        [[maybe_unused]] const auto out = memory().page().out.load_seq_cst();
        return size() - ring::kUnit - bytes_in_flight() < bytes;
    }
};

constexpr Limits kOnePreemption{.preemptions = 1, .executions = 60'000};
constexpr Limits kSample{.preemptions = 1, .executions = 5'000};

/// 32 + 32 bytes bring the index of a ring of 64 round while the other producer looks.
const Story kComeRound = {Publication::kOrdered, {{40}, {32, 32}}, false};

TEST(NaiveModel, RoomFromAStalePairOverwritesUnreadBytes) {
    for (const auto strength : {Strength::kTso, Strength::kWeak}) {
        EXPECT_NE(explore<IndexOnlyWriter>(kComeRound, strength, kOnePreemption).failure, "");
        EXPECT_EQ(explore(kComeRound, strength, kSample).failure, "");
    }
}

const Story kInFlight = {Publication::kOrdered, {{24, 24}, {32}}, false, 1};

TEST(NaiveModel, AskingWhileAnotherHasNotPublishedLosesTheWakeUp) {
    for (const auto strength : {Strength::kTso, Strength::kWeak}) {
        EXPECT_NE(explore<HastyWaiter>(kInFlight, strength, kOnePreemption).failure, "");
        EXPECT_EQ(explore(kInFlight, strength, kSample).failure, "");
    }
}

}  // namespace
}  // namespace vmbus::model
