// The part of a session that is there once for each channel or queue.
#include <algorithm>
#include <cerrno>

#include "net/netvsc/control/session.hpp"
#include "net/netvsc/send_lane.hpp"

namespace vmbus::netvsc {
namespace {

/// For control threads while no queue runs: whoever owns the ring now leaves it soon.
template <class Do>
void as_owner(Lane& lane, Do&& act) noexcept {
    while (!lane.owner().try_enter()) {
        base::cpu_pause();
    }
    act();
    lane.owner().leave();
}

/// A sub-channel gets its part of the pieces; twice that leaves a host room to share unevenly, and
/// one that overdoes it waits.
constexpr std::uint32_t backlog_of(std::uint32_t pieces, std::size_t lanes) noexcept {
    constexpr std::uint32_t kLeast = 1024;
    return std::min(pieces, std::max(kLeast, 2 * pieces / static_cast<std::uint32_t>(lanes)));
}

}  // namespace

base::Result<std::uint16_t> Session::ask_for_lanes(std::uint16_t lanes) noexcept {
    using Granted = base::Result<std::uint16_t>;
    const std::lock_guard guard(link_.mutex());
    // Hosts grant all or nothing, so one that grants less than it announced is asked for less.
    for (auto more = static_cast<std::uint16_t>(lanes - 1); more > 0; more /= 2) {
        const auto granted = nvsp_.request_sub_channels(more);
        if (!granted.ok() || granted.value() != 0) {
            return granted;
        }
    }
    return Granted(std::uint16_t{0});
}

int Session::add_lane(base::Placed<channel::GuestChannel> channel, std::size_t lanes) noexcept {
    if (this->lanes() >= std::min<std::size_t>(kMaxQueues, options_.counters.size())) {
        return -ENOSPC;
    }
    auto lane = base::make_placed<Lane>(std::move(channel), Inbound::Role::kSubChannel, *health_,
                                        options_.attention, options_.counters[this->lanes()]);
    if (lane == nullptr ||
        !lane->inbound().set_receive_buffer(resources_.receive_buffer, facts_.receive,
                                            backlog_of(facts_.receive.count, lanes))) {
        return -ENOMEM;
    }
    sub_lanes_.push_back(std::move(lane));
    return 0;
}

void Session::set_received(std::uint16_t lane, bool received) noexcept {
    as_owner(this->lane(lane), [&] { this->lane(lane).inbound().set_received(received); });
}

void Session::lose(std::uint16_t lane, std::uint32_t dead) noexcept {
    if (lane == 0) {
        fail(Health::kTorn);
    }
    this->lane(lane).lose(dead);
}

bool Session::has_dead_lanes() noexcept {
    for (std::size_t i = 0; i < lanes(); ++i) {
        if (lane(i).given_up() || lane(i).lost()) {
            return true;
        }
    }
    return false;
}

std::uint16_t Session::number_of(const Lane& lane) noexcept {
    std::uint16_t number = 0;
    while (&this->lane(number) != &lane) {
        ++number;
    }
    return number;
}

void Session::set_sending(bool sending) noexcept {
    for (std::size_t i = 0; i < lanes(); ++i) {
        lane(i).set_sending(sending);
    }
}

int Session::share_sections(std::uint16_t queues) noexcept {
    if (tx_lines_.size() != queues) {
        if (std::any_of(tx_lines_.begin(), tx_lines_.end(),
                        [](const auto& line) { return line->slots.outstanding() != 0; })) {
            return -EBUSY;
        }
        if (const int error = cut_sections(queues); error != 0) {
            return error;
        }
    }
    choose_lanes();
    return 0;
}

int Session::cut_sections(std::uint16_t queues) noexcept {
    const std::uint32_t share =
        std::min((facts_.send.sections - kControlSlots) / queues, TxSlots::kMaxSlots);
    if (share == 0) {
        return -ENOSPC;
    }
    std::vector<base::Placed<TxLine>> lines;
    for (std::uint16_t q = 0; q < queues; ++q) {
        lines.push_back(base::make_placed<TxLine>(q, resources_.send_buffer,
                                                  facts_.send.section_bytes,
                                                  kControlSlots + q * share, share));
        if (lines.back() == nullptr || !lines.back()->ok()) {
            return -ENOMEM;
        }
    }
    for (std::size_t i = 0; i < tx_lines_.size(); ++i) {
        const auto q = static_cast<std::uint16_t>(i);
        connect(q, nullptr);
    }
    tx_lines_ = std::move(lines);
    return 0;
}

void Session::choose_lanes() noexcept {
    std::optional<SendTable> table;
    link_.poll();  // the host says it when the last channel is open
    as_owner(*primary_, [&] { table = inbound().send_table(); });
    for (std::size_t i = 0; i < tx_lines_.size(); ++i) {
        const auto q = static_cast<std::uint16_t>(i);
        Lane& wanted = lane(send_lane(q, lanes(), table));
        Lane* const now = tx_lines_[q]->lane;
        // Completions that are still to come will come where the packets went. What the line of a
        // lost lane has on its way is not known.
        if (now == nullptr || (!now->lost() && tx_lines_[q]->slots.outstanding() == 0)) {
            connect(q, &wanted);
        }
    }
}

void Session::connect(std::uint16_t queue, Lane* to) noexcept {
    TxLine& line = *tx_lines_[queue];
    if (line.lane == to) {
        return;
    }
    if (line.lane != nullptr) {
        as_owner(*line.lane, [&] { line.lane->inbound().connect(queue, nullptr); });
    }
    line.lane = to;
    if (to != nullptr) {
        as_owner(*to, [&] { to->inbound().connect(queue, &line.completions); });
    }
}

}  // namespace vmbus::netvsc
