#include "host/gen_sink.hpp"

#include <algorithm>

namespace vmbus::host {

bool GenSink::Flow::has(std::uint64_t sequence) const noexcept {
    return (seen[sequence % kWindow / 64] >> sequence % 64 & 1U) != 0;
}

void GenSink::Flow::put(std::uint64_t sequence, bool here) noexcept {
    auto& word = seen[sequence % kWindow / 64];
    const std::uint64_t bit = std::uint64_t{1} << sequence % 64;
    word = here ? word | bit : word & ~bit;
}

void GenSink::take(base::Bytes frame, std::uint64_t now_ns) noexcept {
    const auto mark = read_mark(frame);
    if (!mark) {
        ++counts_.foreign;
        return;
    }
    ++counts_.received;
    latency_.add(now_ns - std::min(now_ns, mark->time_ns));
    auto& flows = sources_[mark->source];
    if (flows == nullptr) {
        flows = std::make_unique<std::array<Flow, kFlows>>();
    }
    follow((*flows)[mark->flow], mark->sequence);
}

void GenSink::follow(Flow& flow, std::uint64_t sequence) noexcept {
    if (sequence >= flow.next) {
        advance(flow, sequence);
    } else if (flow.next - sequence > kWindow) {
        ++counts_.stale;
    } else if (flow.has(sequence)) {
        ++counts_.duplicates;
    } else {
        flow.put(sequence, true);
        ++counts_.reordered;
        --counts_.lost;
    }
}

/// Those between are missing until they come.
void GenSink::advance(Flow& flow, std::uint64_t sequence) noexcept {
    const std::uint64_t missing = sequence - flow.next;
    counts_.lost += missing;
    for (std::uint64_t i = 0; i < std::min(missing, kWindow); ++i) {
        flow.put(flow.next + i, false);
    }
    flow.put(sequence, true);
    flow.next = sequence + 1;
}

}  // namespace vmbus::host
