#include "host/port_tap.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "host/frame_queue.hpp"
#include "host/tap_device.hpp"

namespace vmbus::host {
namespace {

/// Frames of one receive().
constexpr std::size_t kBatch = 64;
/// One more byte than any frame may have: a longer one shows.
constexpr std::size_t kSlotBytes = FrameQueue::kLongestFrame + 1;
/// What a tap holds unless told otherwise (Linux drivers/net/tun.c), with room to spare: old frames
/// that are thrown away before a guest gets its first.
constexpr std::size_t kMostStale = 4096;

}  // namespace

std::unique_ptr<TapPort> TapPort::create(const TapPortSpec& spec, Replay& replay,
                                         std::string& why) {
    auto device = open_tap(spec, why);
    return device ? std::make_unique<TapPort>(std::move(device), replay) : nullptr;
}

TapPort::TapPort(base::UniqueFd device, Replay& replay)
    : device_(std::move(device)), replay_(replay), slots_(kBatch * kSlotBytes) {}

base::MutableBytes TapPort::slot(std::size_t index) noexcept {
    return base::MutableBytes(slots_).subspan(index * kSlotBytes, kSlotBytes);
}

void TapPort::transmit(std::span<const Frame> frames) noexcept {
    replay_.guest_sent(frames.size());
    for (const Frame& frame : frames) {
        if (::write(device_.get(), frame.bytes.data(), frame.bytes.size()) < 0) {
            note_failure(errno);
        }
    }
}

void TapPort::note_failure(int error) noexcept {
    switch (error) {
        case EAGAIN:
        case ENOBUFS: ++drops_[kFull].frames; break;
        case EIO: ++drops_[kDown].frames; break;
        default: ++drops_[kRefused].frames; break;
    }
}

std::size_t TapPort::receive(std::span<Frame> frames) noexcept {
    const std::size_t most = open_ ? std::min(frames.size(), kBatch) : 0;
    std::size_t count = 0;
    for (std::size_t looked = 0; looked < most; ++looked) {
        const auto to = slot(count);
        const std::ptrdiff_t got = read_into(to);
        if (got <= 0) {
            break;
        }
        if (static_cast<std::size_t>(got) == kSlotBytes) {
            ++drops_[kTooLong].frames;
        } else {
            frames[count++].bytes = to.first(static_cast<std::size_t>(got));
        }
    }
    return count;
}

std::ptrdiff_t TapPort::read_into(base::MutableBytes slot) noexcept {
    return ::read(device_.get(), slot.data(), slot.size());
}

/// What waited while no guest listened is from another time.
void TapPort::set_filter(std::uint32_t ndis_filter) noexcept {
    const bool opens = ndis_filter != 0 && !open_;
    open_ = ndis_filter != 0;
    for (std::size_t i = 0; opens && i < kMostStale && read_into(slot(0)) > 0; ++i) {
        ++drops_[kStale].frames;
    }
}

}  // namespace vmbus::host
