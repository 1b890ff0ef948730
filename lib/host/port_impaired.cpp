#include "host/port_impaired.hpp"

#include <algorithm>

namespace vmbus::host {
namespace {

/// The directions must not meet the same fate.
constexpr std::uint64_t kOtherWay = 0x5A5A'0000'0000'5A5A;

}  // namespace

ImpairedPort::ImpairedPort(std::unique_ptr<Port> inner, const LinkSpec& link, Replay::Clock clock)
    : inner_(std::move(inner)),
      clock_(clock),
      to_network_(link, link.seed),
      to_guest_(link, link.seed ^ kOtherWay) {}

void ImpairedPort::transmit(std::span<const Frame> frames) noexcept {
    const auto now = clock_();
    for (const Frame& frame : frames) {
        to_network_.push(frame.bytes, now);
    }
    turn();
}

bool ImpairedPort::turn() noexcept {
    bool inner_waits = inner_->turn();
    if (to_network_.empty()) {
        return inner_waits || !to_guest_.empty();
    }
    const auto now = clock_();
    while (const std::size_t count = to_network_.pop(batch_, now)) {
        inner_->transmit(std::span(batch_).first(count));
    }
    return inner_waits || !to_network_.empty() || !to_guest_.empty();
}

/// Takes no more from inside than the cable holds: sources that wait are not made to lose.
std::size_t ImpairedPort::receive(std::span<Frame> frames) noexcept {
    const std::size_t room = std::min(to_guest_.room(), kBatch);
    const std::size_t count = room == 0 ? 0 : inner_->receive(std::span(batch_).first(room));
    // Only now: a source stamps its frames when it makes them, and none has left before that.
    const auto now = clock_();
    for (const Frame& frame : std::span(batch_).first(count)) {
        to_guest_.push(frame.bytes, now);
    }
    return to_guest_.pop(frames, now);
}

/// What is on the cable has not reached the guest either.
void ImpairedPort::guest_holds(std::size_t pieces) noexcept {
    inner_->guest_holds(pieces + to_guest_.waiting());
}

void ImpairedPort::set_filter(std::uint32_t ndis_filter) noexcept {
    inner_->set_filter(ndis_filter);
}

void ImpairedPort::guest_closed() noexcept {
    to_guest_.clear();
    inner_->guest_closed();
}

std::span<const Port::Drop> ImpairedPort::drops() const noexcept {
    const auto inner = inner_->drops();
    drops_.assign(inner.begin(), inner.end());
    drops_.insert(drops_.end(), {{"link_loss_tx", to_network_.lost},
                                 {"link_loss_rx", to_guest_.lost},
                                 {"link_queue_full_tx", to_network_.queue_full},
                                 {"link_queue_full_rx", to_guest_.queue_full},
                                 {"link_too_long_tx", to_network_.too_long},
                                 {"link_too_long_rx", to_guest_.too_long}});
    return drops_;
}

std::vector<Port::Figure> ImpairedPort::figures() const {
    auto figures = inner_->figures();
    figures.insert(figures.end(), {{"link_reordered_tx", to_network_.reordered},
                                   {"link_reordered_rx", to_guest_.reordered},
                                   {"link_duplicated_tx", to_network_.duplicated},
                                   {"link_duplicated_rx", to_guest_.duplicated}});
    return figures;
}

}  // namespace vmbus::host
