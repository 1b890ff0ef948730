// The figures of a port: taken, published, forgotten.
#include <cstring>
#include <mutex>

#include "net/netvsc/port.hpp"
#include "net/netvsc/telemetry.hpp"

namespace vmbus::netvsc {

PortView Port::view() const noexcept {
    PortView view(*ethdev_.data, shared_);
    view.facts = facts_now();
    view.figures = figures_now();
    return view;
}

PortFacts Port::facts_now() const noexcept {
    PortFacts facts{
        .attached = session_ != nullptr, .counts_frames = arguments_.frame_xstats, .state = state_};
    if (session_ != nullptr) {
        facts.addresses_known = addresses_known_;
        facts.version = session_->version();
        facts.mtu = session_->mtu();
        facts.host = session_->facts();
    }
    facts.filter = filter_;
    facts.hash_types = rss_.hash_types;
    facts.rss_key = rss_.key;
    facts.rss_entries =
        static_cast<std::uint16_t>(std::min(rss_.table.size(), facts.rss_table.size()));
    std::copy_n(rss_.table.begin(), facts.rss_entries, facts.rss_table.begin());
    return facts;
}

PortFigures Port::figures_now() const noexcept {
    PortFigures figures{.alive = alive()};
    figures.vf = vf_.figures();
    if (session_ == nullptr) {
        return figures;
    }
    figures.lanes = session_->lanes();
    for (std::uint16_t lane = 0; lane < figures.lanes; ++lane) {
        auto& channel = session_->lane(lane).channel();
        RingFigures& ring = figures.rings[lane];
        ring.signals = session_->lane(lane).signals();
        if (figures.alive) {
            ring.tx_bytes = channel.tx().size();
            ring.tx_in_flight = channel.tx().bytes_in_flight();
            ring.rx_bytes = channel.rx().size();
            ring.rx_unread = channel.rx().bytes_unread();
        }
    }
    if (figures.alive) {
        const base::Bytes rings = device_.region(bus::Map::kRings);
        constexpr std::size_t kBytes = std::size_t{kRingWords} * 4;
        std::memcpy(figures.registers.data(), rings.data(), kBytes);
        std::memcpy(figures.registers.data() + kRingWords, rings.data() + rings.size() / 2, kBytes);
    }
    return figures;
}

/// At each change. Control threads.
void Port::publish() noexcept {
    shared_.publish(facts_now());
    shared_.publish(figures_now());
}

/// Facts are left alone: control threads may be changing them.
void Port::on_second(void* self) noexcept {
    Port& port = *static_cast<Port*>(self);
    {
        const std::lock_guard guard(telemetry::mutex());
        port.bury_the_dead();
        port.shared_.publish(port.figures_now());
    }
    if (port.is_used_elsewhere()) {
        // What a burst of another process has met, it tells nobody; and it knows of no VF.
        port.vf_.kick();
        port.vf_.set_running(false);
    }
}

void Port::reset_stats() noexcept {
    vf_.reset_stats();
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        if (rx(q) != nullptr) {
            rx(q)->counters().reset();
            rx(q)->frames.reset();
            rx(q)->bell.reset_rings();
        }
    }
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        if (tx(q) != nullptr) {
            tx(q)->counters().reset();
            tx(q)->frames.reset();
        }
    }
    for (RingCounters& lane : shared_.ring_counters) {
        lane.reset();
    }
    for (std::uint16_t lane = 0; session_ != nullptr && lane < session_->lanes(); ++lane) {
        session_->lane(lane).reset_signals();
    }
    publish();
}

}  // namespace vmbus::netvsc
