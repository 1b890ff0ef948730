// LinkPipe: one direction of a bad cable. Frames are copied in, and come out when they are due:
// late, slowly, in another order, twice, or never. Bounded; all memory is taken when it is made,
// and touched as it is used. Host thread only. Time comes from outside.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "host/link_spec.hpp"
#include "host/port.hpp"
#include "host/random.hpp"

namespace vmbus::host {

class LinkPipe {
public:
    using TimePoint = std::chrono::steady_clock::time_point;
    static constexpr std::size_t kFrames = 2048;
    /// How long a frame is held back for others to overtake it.
    static constexpr auto kHeldBack = std::chrono::milliseconds(1);

    LinkPipe(const LinkSpec& spec, std::uint64_t seed);

    void push(base::Bytes frame, TimePoint now) noexcept;
    /// Takes frames that are due. Their bytes stay as they are until the next pop() or clear().
    std::size_t pop(std::span<Frame> frames, TimePoint now) noexcept;
    void clear() noexcept;

    bool empty() const noexcept { return waiting_.empty(); }
    std::size_t waiting() const noexcept { return waiting_.size(); }
    /// Frames that can be pushed, were each sent twice.
    std::size_t room() const noexcept { return free_.size() / 2; }

    std::uint64_t lost = 0;
    std::uint64_t queue_full = 0;
    std::uint64_t too_long = 0;
    std::uint64_t reordered = 0;
    std::uint64_t duplicated = 0;

private:
    struct Waiting {
        TimePoint due;
        std::uint64_t order;
        std::uint32_t slot;
        std::uint32_t bytes;
    };
    static bool later(const Waiting& a, const Waiting& b) noexcept;

    TimePoint leave_at(std::size_t bytes, TimePoint now) noexcept;
    void keep(base::Bytes frame, TimePoint due) noexcept;
    std::byte* slot(std::uint32_t index) noexcept;

    const LinkSpec spec_;
    Random random_;
    TimePoint wire_free_{};
    std::uint64_t order_ = 0;
    std::unique_ptr<std::byte[]> slots_;
    std::vector<std::uint32_t> free_;
    std::vector<std::uint32_t> held_;  // handed out by the last pop()
    std::vector<Waiting> waiting_;     // a heap, the first one due in front
};

}  // namespace vmbus::host
