#include "lcores.hpp"

#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "make_work.hpp"
#include "stop.hpp"

namespace netvsc_fwd {
namespace {

/// At the end: for what waits to be sent, and for frames of our own that are on their way.
constexpr std::uint64_t kLastTurnsMs = 200;

std::uint64_t number_of_run() {
    return rte_get_timer_cycles() ^ (static_cast<std::uint64_t>(::getpid()) << 48);
}

}  // namespace

Lcores::Lcores(const Ports& ports, const Options& options, Run& run)
    : number_(number_of_run()), shares_(options.nb_cores) {
    if (options.nb_cores > rte_lcore_count()) {
        throw std::runtime_error("--nb-cores: EAL has " + std::to_string(rte_lcore_count()) +
                                 " lcores");
    }
    for (std::size_t n = 0; n < ports.all().size(); ++n) {
        add(ports, options, n, run);
    }
}

void Lcores::add(const Ports& ports, const Options& options, std::size_t from, Run& run) {
    const std::size_t to = run.mode.answers ? from : ports.partner(from);
    const Port& sender = ports.all()[to];
    // Packets that are made go out on all queues; others, for each queue that they come from.
    const std::uint16_t routes = run.mode.makes ? std::max(options.rxq, options.txq) : options.rxq;
    for (std::uint16_t i = 0; i < routes; ++i) {
        const auto tx = static_cast<std::uint16_t>(i % options.txq);
        Route route{.from = {}, .to = {sender.id, tx}};
        if (i < options.rxq) {
            route.from = Queue{ports.all()[from].id, i};
        }
        auto work = make_work(options, sender, route.to, ports.pool(), number_);
        forwarders_.emplace_back(route, std::move(work), run);
        shares_[(to * options.txq + tx) % shares_.size()].push_back(&forwarders_.back());
    }
}

int Lcores::forward(void* share) {
    const Share& forwarders = *static_cast<Share*>(share);
    while (!stop_asked()) {
        const std::uint64_t now = rte_get_timer_cycles();
        for (Forwarder* forwarder : forwarders) {
            forwarder->turn(now);
        }
    }
    wind_down(forwarders);
    return 0;
}

void Lcores::wind_down(const Share& share) {
    const std::uint64_t start = rte_get_timer_cycles();
    const std::uint64_t limit = rte_get_timer_hz() / MS_PER_S * kLastTurnsMs;
    bool busy = true;
    while (busy && rte_get_timer_cycles() - start <= limit) {
        busy = false;
        for (Forwarder* forwarder : share) {
            busy |= forwarder->last_turn(rte_get_timer_cycles());
        }
    }
    for (Forwarder* forwarder : share) {
        forwarder->give_up();
    }
}

void Lcores::run(const std::function<void(std::uint64_t)>& meanwhile) {
    unsigned lcore = rte_get_next_lcore(UINT32_MAX, 1, 0);
    for (std::size_t i = 1; i < shares_.size(); ++i) {
        rte_eal_remote_launch(forward, &shares_[i], lcore);
        lcore = rte_get_next_lcore(lcore, 1, 0);
    }
    while (!stop_asked()) {
        const std::uint64_t now = rte_get_timer_cycles();
        for (Forwarder* forwarder : shares_[0]) {
            forwarder->turn(now);
        }
        meanwhile(now);
    }
    wind_down(shares_[0]);
    rte_eal_mp_wait_lcore();
}

}  // namespace netvsc_fwd
