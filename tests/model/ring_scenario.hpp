// Producers and one consumer on the ring's own source, in the model. A story says who sends what
// and who sleeps; the consumer checks each packet, the verdict checks the index. Whoever sleeps
// and is not woken leaves the scheduler with nobody to run. Controls put their own writer in.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model_memory.hpp"
#include "ring/reader.hpp"
#include "ring/writer.hpp"

namespace vmbus::model {

struct Story {
    ring::Publication mode = ring::Publication::kSingle;
    /// For each producer, the ring bytes of each packet.
    std::vector<std::vector<std::uint32_t>> producers;
    bool consumer_sleeps = true;
    /// The producer that sleeps when the ring is full (one at a time may); the others try again.
    std::size_t waiter = 0;
    std::uint32_t ring_bytes = 64;
};

template <class Writer = ring::BasicWriter<ModelMemory>>
class RingScenario final : public Scenario {
public:
    RingScenario(Machine& machine, const Story& story)
        : machine_(machine), story_(story), next_(story.producers.size()) {
        for (const auto& sizes : story_.producers) total_ += sizes.size();
    }

    std::size_t threads() const override { return story_.producers.size() + 1; }
    void run(std::size_t thread) override {
        thread < story_.producers.size() ? produce(thread) : consume();
    }

    std::string verdict() override {
        std::uint64_t sent = 0;
        for (const auto& sizes : story_.producers) {
            for (const auto size : sizes) sent += size;
        }
        const ring::Geometry geometry(story_.ring_bytes);
        std::uint64_t moved = 0;
        const auto indices = machine_.values(page_.in.index());
        for (std::size_t i = 1; i < indices.size(); ++i) {
            moved += geometry.used(static_cast<std::uint32_t>(indices[i]),
                                   static_cast<std::uint32_t>(indices[i - 1]));
        }
        return moved == sent ? "" : "the index went another way than forward";
    }

private:
    enum Bell : std::size_t { kReader, kWriter };

    static std::uint64_t payload_of(std::uint64_t id) { return id * 0x0101010101010101ULL; }

    void produce(std::size_t producer) {
        for (std::size_t n = 0; n < story_.producers[producer].size(); ++n) {
            const std::uint32_t bytes = story_.producers[producer][n];
            ring::Reservation place;
            while (writer_.reserve(bytes, place) != ring::ReserveStatus::kOk) {
                wait_for_room(producer, bytes);
            }
            const std::uint64_t id = producer << 4 | n;
            const std::uint64_t payload[4] = {payload_of(id), payload_of(id)};
            const auto length = bytes - ring::kMinPacketBytes;
            writer_.fill(place).put(
                {.transaction_id = id, .payload = std::as_bytes(std::span(payload)).first(length)});
            if (writer_.publish(place)) Scheduler::active().ring(kReader);
        }
    }

    /// Sleeps if the writer says so; otherwise tries again, but not before there is news.
    void wait_for_room(std::size_t producer, std::uint32_t bytes) {
        const std::size_t known = machine_.known(page_.out.index());
        if (producer == story_.waiter && writer_.ask_for_room(bytes)) {
            return Scheduler::active().sleep(kWriter);
        }
        if (machine_.known(page_.out.index()) == known && !machine_.catch_up()) {
            Scheduler::active().await_change();
        }
    }

    void consume() {
        while (taken_ < total_) {
            while (reader_.poll()) {
                ring::BasicPacketView<ModelMemory> view;
                while (reader_.next(view)) check(view);
                if (reader_.release()) Scheduler::active().ring(kWriter);
            }
            if (reader_.error() != ring::PacketError::kNone) Scheduler::active().fail("no packet");
            if (story_.consumer_sleeps && taken_ < total_ && !reader_.unmask_and_recheck()) {
                Scheduler::active().sleep(kReader);
                reader_.mask();
            }
        }
    }

    void check(const ring::BasicPacketView<ModelMemory>& view) {
        const std::uint64_t producer = view.transaction_id() >> 4;
        if (producer >= next_.size() || (view.transaction_id() & 15) != next_[producer]++) {
            Scheduler::active().fail("packet out of order");
        }
        for (std::uint32_t at = 0; at < view.payload_size(); at += 8) {
            if (view.payload<std::uint64_t>(at) !=
                payload_of(at < 16 ? view.transaction_id() : 0)) {
                Scheduler::active().fail("wrong bytes");
            }
        }
        ++taken_;
    }

    Machine& machine_;
    const Story& story_;
    ModelPage page_;
    ModelMemory memory_{page_, machine_};
    Writer writer_{memory_, story_.mode};
    ring::BasicReader<ModelMemory> reader_{memory_, ring::FooterCheck::kStrict};
    // Consumer only.
    std::vector<std::uint64_t> next_;
    std::size_t taken_ = 0;
    std::size_t total_ = 0;
};

template <class Writer = ring::BasicWriter<ModelMemory>>
Outcome explore(const Story& story, Strength strength, Limits limits = {},
                const Weakening* weakening = nullptr) {
    Scheduler scheduler(limits);
    return scheduler.explore([&] {
        Scheduler::Execution execution;
        auto machine = std::make_unique<Machine>(strength, story.ring_bytes, weakening);
        execution.scenario = std::make_unique<RingScenario<Writer>>(*machine, story);
        execution.memory = std::move(machine);
        return execution;
    });
}

}  // namespace vmbus::model
