#include "host/port_gen.hpp"

#include <algorithm>
#include <numeric>

namespace vmbus::host {
namespace {

/// Frames of one receive() must not share bytes.
constexpr std::size_t kLeastSlots = 256;

std::uint64_t ns_of(Replay::TimePoint time) noexcept {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

}  // namespace

GenPort::GenPort(const GenPortSpec& spec, Replay& replay, Replay::Clock clock, std::uint8_t source)
    : spec_(spec),
      source_(source),
      mark_at_(gen_header_bytes(spec)),
      replay_(replay),
      clock_(clock),
      pace_(spec.rate) {
    build();
}

/// One round after another; in each, the flows in turn. Lengths move on by one more from round to
/// round, so that every flow has all of them.
void GenPort::build() {
    const std::size_t sizes = spec_.lengths.size();
    const std::size_t rounds =
        std::max(sizes, (kLeastSlots + spec_.flows - 1) / spec_.flows + sizes - 1) / sizes * sizes;
    for (std::size_t round = 0; round < rounds; ++round) {
        for (std::size_t flow = 0; flow < spec_.flows; ++flow) {
            const std::uint16_t length = spec_.lengths[(round + flow) % sizes];
            const auto frame = make_gen_frame(spec_, length, flow);
            slots_.push_back({bytes_.size(), length, static_cast<std::uint16_t>(flow)});
            bytes_.insert(bytes_.end(), frame.begin(), frame.end());
        }
    }
}

std::uint64_t GenPort::returned() const noexcept {
    return sink_.counts().received + sink_.counts().foreign;
}

void GenPort::transmit(std::span<const Frame> frames) noexcept {
    replay_.guest_sent(frames.size());
    const std::uint64_t now = ns_of(clock_());
    for (const Frame& frame : frames) {
        sink_.take(frame.bytes, now);
    }
}

std::size_t GenPort::receive(std::span<Frame> frames) noexcept {
    if (!open_) {
        return 0;
    }
    const auto now = clock_();
    const auto room = std::min<std::uint64_t>(frames.size(), slots_.size());
    const auto count = static_cast<std::size_t>(std::min(room, allowed(now)));
    make(frames.first(count), ns_of(now));
    generated_ += count;
    pace_.took(count);
    return count;
}

void GenPort::set_filter(std::uint32_t ndis_filter) noexcept {
    if (ndis_filter != 0 && !open_) {
        pace_.start(clock_());
    }
    open_ = ndis_filter != 0;
}

/// How many frames may leave now.
std::uint64_t GenPort::allowed(Replay::TimePoint now) noexcept {
    const std::uint64_t left = spec_.count ? *spec_.count - generated_ : UINT64_MAX;
    return std::min(left, pace_.allowed(now));
}

/// The next frames in turn, with the marks of this sending.
void GenPort::make(std::span<Frame> frames, std::uint64_t now_ns) noexcept {
    // Values, since the bytes that are written might be theirs for all the compiler knows.
    const base::MutableBytes bytes(bytes_);
    const std::span<const Slot> slots(slots_);
    const std::size_t flows = spec_.flows;
    const std::size_t mark_at = mark_at_;
    GenMark mark{.source = source_, .sequence = round_, .time_ns = now_ns};
    std::size_t next = next_slot_;
    for (Frame& frame : frames) {
        const Slot& slot = slots[next];
        const auto place = bytes.subspan(slot.offset, slot.length);
        mark.flow = slot.flow;
        put_mark(place, mark_at, pack(mark));
        frame.bytes = place;
        next = next + 1 == slots.size() ? 0 : next + 1;
        mark.sequence += mark.flow + 1U == flows ? 1 : 0;
    }
    next_slot_ = next;
    round_ = mark.sequence;
}

std::vector<Port::Figure> GenPort::figures() const {
    const auto& counts = sink_.counts();
    const auto& latency = sink_.latency();
    return {{"gen_sent", generated_},
            {"gen_received", counts.received},
            {"gen_lost", counts.lost},
            {"gen_reordered", counts.reordered},
            {"gen_duplicates", counts.duplicates},
            {"gen_stale", counts.stale},
            {"gen_foreign", counts.foreign},
            {"latency_ns_min", latency.least()},
            {"latency_ns_p50", latency.percentile(0.5)},
            {"latency_ns_p90", latency.percentile(0.9)},
            {"latency_ns_p99", latency.percentile(0.99)},
            {"latency_ns_p999", latency.percentile(0.999)},
            {"latency_ns_max", latency.most()}};
}

}  // namespace vmbus::host
