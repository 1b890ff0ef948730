#include "host/port_captured.hpp"

#include <chrono>

namespace vmbus::host {
namespace {

std::uint64_t wall_clock_ns() noexcept {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace

void CapturedPort::write(std::span<const Frame> frames, PcapngWriter::Way way) noexcept {
    const std::uint64_t now = wall_clock_ns();
    for (const Frame& frame : frames) {
        file_->write(interface_, way, frame.bytes, now);
    }
}

void CapturedPort::transmit(std::span<const Frame> frames) noexcept {
    write(frames, PcapngWriter::Way::kFromGuest);
    inner_->transmit(frames);
}

std::size_t CapturedPort::receive(std::span<Frame> frames) noexcept {
    const std::size_t count = inner_->receive(frames);
    if (count > 0) {
        write(frames.first(count), PcapngWriter::Way::kToGuest);
    }
    return count;
}

void CapturedPort::guest_closed() noexcept {
    inner_->guest_closed();
    file_->flush();
}

std::vector<Port::Figure> CapturedPort::figures() const {
    auto figures = inner_->figures();
    if (file_->lost() > 0) {
        figures.push_back({"capture_not_written", file_->lost()});
    }
    return figures;
}

std::string CapturedPort::take_error() noexcept {
    auto error = inner_->take_error();
    return error.empty() ? file_->take_error() : error;
}

}  // namespace vmbus::host
