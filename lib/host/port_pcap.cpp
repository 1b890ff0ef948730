#include "host/port_pcap.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vmbus::host {
namespace {

std::uint64_t wall_clock_us() noexcept {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

}  // namespace

std::unique_ptr<PcapPort> PcapPort::create(const PcapPortSpec& spec, PortContext& context,
                                           std::string& why) {
    std::unique_ptr<PcapPort> port(new PcapPort(spec, context));
    const bool good = (spec.in.empty() || port->open_input(spec.in, why)) &&
                      (spec.out.empty() || port->open_output(spec.out, why));
    context.refused |= !good;
    return good ? std::move(port) : nullptr;
}

bool PcapPort::open_input(const std::string& file, std::string& why) {
    struct stat state {};
    if (::stat(file.c_str(), &state) == 0 && !context_.claim(state, false)) {
        why = file + ": another port writes this file";
        return false;
    }
    input_ = PcapFrames::load(file, why);
    if (input_) {
        replayed_ = &context_.replay.add_input(input_->size());
    }
    return input_.has_value();
}

bool PcapPort::open_output(const std::string& file, std::string& why) {
    // A pipe without a reader must not block.
    constexpr int kFlags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK;
    base::UniqueFd fd(::open(file.c_str(), kFlags, 0644));
    struct stat state {};
    if (!fd || ::fstat(fd.get(), &state) != 0) {
        why = file + ": " + std::strerror(errno);
        return false;
    }
    if (!context_.claim(state, true)) {
        why = file + ": another port reads or writes this file";
        return false;
    }
    output_.emplace(file, std::move(fd));
    return true;
}

PcapPort::~PcapPort() {
    if (!context_.refused) {
        flush();
    }
}

void PcapPort::transmit(std::span<const Frame> frames) noexcept {
    context_.replay.guest_sent(frames.size());
    if (!output_ || frames.empty()) {
        return;
    }
    const std::uint64_t now = wall_clock_us();
    for (const Frame& frame : frames) {
        output_->write(frame.bytes, now);
    }
    drops_[0].frames = output_->lost();
}

std::size_t PcapPort::receive(std::span<Frame> frames) noexcept {
    if (!open_ || finished_) {
        return 0;
    }
    const std::size_t left = input_->size() - next_;
    const auto allowed = std::min<std::uint64_t>(left, pace_.allowed(context_.clock()));
    const std::size_t count =
        std::min({frames.size(), static_cast<std::size_t>(allowed), context_.replay.room()});
    pace_.took(count);
    for (Frame& frame : frames.first(count)) {
        frame.bytes = (*input_)[next_++];
    }
    context_.replay.replayed(count);
    finish_when_all_is_replayed();
    return count;
}

void PcapPort::guest_holds(std::size_t pieces) noexcept {
    if (input_) {
        context_.replay.guest_holds(*replayed_, pieces);
    }
}

void PcapPort::set_filter(std::uint32_t ndis_filter) noexcept {
    const bool was_open = open_;
    open_ = input_ && ndis_filter != 0;
    if (open_ && ndis_filter != filter_) {
        // A guest that asks for all frames only after it was started is not ready before.
        context_.replay.filter_opened();
    }
    if (open_ && !was_open) {
        pace_.start(context_.clock() + Replay::kSettle);
    }
    filter_ = ndis_filter;
    finish_when_all_is_replayed();
}

void PcapPort::finish_when_all_is_replayed() noexcept {
    if (open_ && !finished_ && next_ == input_->size()) {
        finished_ = true;
        context_.replay.input_finished();
    }
}

void PcapPort::guest_closed() noexcept {
    open_ = false;
    filter_ = 0;
    guest_holds(0);
    flush();
}

void PcapPort::flush() noexcept {
    if (output_) {
        output_->flush();
        drops_[0].frames = output_->lost();
    }
}

std::string PcapPort::take_error() noexcept {
    return output_ ? output_->take_error() : std::string();
}

}  // namespace vmbus::host
