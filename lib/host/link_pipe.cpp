#include "host/link_pipe.hpp"

#include <algorithm>
#include <cstring>

#include "host/frame_queue.hpp"

namespace vmbus::host {
namespace {

constexpr std::size_t kSlotBytes = FrameQueue::kLongestFrame;
constexpr std::uint64_t kSecond = 1'000'000'000;

}  // namespace

LinkPipe::LinkPipe(const LinkSpec& spec, std::uint64_t seed)
    : spec_(spec), random_(seed), slots_(new std::byte[kFrames * kSlotBytes]) {
    free_.reserve(kFrames);
    held_.reserve(kFrames);
    waiting_.reserve(kFrames);
    for (std::uint32_t i = kFrames; i-- > 0;) {
        free_.push_back(i);
    }
}

bool LinkPipe::later(const Waiting& a, const Waiting& b) noexcept {
    return a.due != b.due ? a.due > b.due : a.order > b.order;
}

std::byte* LinkPipe::slot(std::uint32_t index) noexcept {
    return slots_.get() + index * kSlotBytes;
}

void LinkPipe::push(base::Bytes frame, TimePoint now) noexcept {
    // All are asked, so that one share does not change what another one hits.
    const bool lost_now = random_.chance(spec_.loss);
    const bool late = random_.chance(spec_.reorder);
    const bool twice = random_.chance(spec_.dup);
    if (frame.size() > kSlotBytes) {
        ++too_long;
        return;
    }
    if (lost_now) {
        ++lost;
        return;
    }
    if (free_.empty()) {
        ++queue_full;
        return;
    }
    const TimePoint due = leave_at(frame.size(), now);
    keep(frame, late ? due + kHeldBack : due);
    reordered += late ? 1 : 0;
    if (twice && !free_.empty()) {
        keep(frame, due);
        ++duplicated;
    }
}

/// When the last bit has left a wire that sends one frame at a time, and the way is gone.
LinkPipe::TimePoint LinkPipe::leave_at(std::size_t bytes, TimePoint now) noexcept {
    std::uint64_t ns = 0;
    if (spec_.rate != 0) {
        ns = kSecond / spec_.rate;
    }
    if (spec_.bps != 0) {
        ns = std::max(ns, bytes * 8 * kSecond / spec_.bps);
    }
    wire_free_ = std::max(wire_free_, now) + std::chrono::nanoseconds(ns);
    return wire_free_ + std::chrono::nanoseconds(spec_.delay_ns);
}

void LinkPipe::keep(base::Bytes frame, TimePoint due) noexcept {
    const std::uint32_t index = free_.back();
    free_.pop_back();
    std::memcpy(slot(index), frame.data(), frame.size());
    waiting_.push_back({due, order_++, index, static_cast<std::uint32_t>(frame.size())});
    std::push_heap(waiting_.begin(), waiting_.end(), later);
}

std::size_t LinkPipe::pop(std::span<Frame> frames, TimePoint now) noexcept {
    free_.insert(free_.end(), held_.begin(), held_.end());
    held_.clear();
    std::size_t count = 0;
    while (count < frames.size() && !waiting_.empty() && waiting_.front().due <= now) {
        std::pop_heap(waiting_.begin(), waiting_.end(), later);
        const Waiting& first = waiting_.back();
        frames[count++].bytes = base::Bytes(slot(first.slot), first.bytes);
        held_.push_back(first.slot);
        waiting_.pop_back();
    }
    return count;
}

void LinkPipe::clear() noexcept {
    for (const Waiting& frame : waiting_) {
        free_.push_back(frame.slot);
    }
    waiting_.clear();
    free_.insert(free_.end(), held_.begin(), held_.end());
    held_.clear();
}

}  // namespace vmbus::host
