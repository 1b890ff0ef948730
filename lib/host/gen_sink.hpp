// GenSink: what became of generated frames, told from the marks of those that arrive: lost, out of
// order within their flow, twice, and how long they took. Host thread only. Bounded, whatever a
// guest puts into a mark: memory is taken when a source shows up first.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "host/gen_frame.hpp"
#include "host/latency_histogram.hpp"

namespace vmbus::host {

class GenSink {
public:
    struct Counts {
        std::uint64_t received = 0;  ///< with a mark
        std::uint64_t lost = 0;      ///< missing below the highest sequence of their flow
        std::uint64_t reordered = 0;
        std::uint64_t duplicates = 0;
        std::uint64_t stale = 0;    ///< too late to tell whether they were lost or are duplicates
        std::uint64_t foreign = 0;  ///< without a mark, or damaged
    };

    void take(base::Bytes frame, std::uint64_t now_ns) noexcept;

    const Counts& counts() const noexcept { return counts_; }
    const LatencyHistogram& latency() const noexcept { return latency_; }

private:
    /// How far back a late frame is known from a duplicate.
    static constexpr std::uint64_t kWindow = 256;
    static constexpr std::size_t kFlows = std::size_t{1} << GenMark::kFlowBits;

    struct Flow {
        std::uint64_t next = 0;  ///< one above the highest seen
        std::array<std::uint64_t, kWindow / 64> seen{};

        bool has(std::uint64_t sequence) const noexcept;
        void put(std::uint64_t sequence, bool here) noexcept;
    };

    void follow(Flow& flow, std::uint64_t sequence) noexcept;
    void advance(Flow& flow, std::uint64_t sequence) noexcept;

    Counts counts_;
    LatencyHistogram latency_;
    std::array<std::unique_ptr<std::array<Flow, kFlows>>, 256> sources_{};
};

}  // namespace vmbus::host
