#include "statistics.hpp"

#include <rte_cycles.h>

#include <cstdio>

#include "json_lines.hpp"
#include "plain_lines.hpp"

namespace netvsc_fwd {
namespace {

void print_line(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

}  // namespace

Statistics::Statistics(const Ports& ports, const Forwarders& forwarders, const Options& options)
    : mode_(options.mode),
      json_(options.json),
      taker_(ports, forwarders),
      first_cycles_(rte_get_timer_cycles()),
      last_(taker_.take(first_cycles_)) {
    if (!json_ && options.stats_period_s != 0U && Terminal::usable()) {
        terminal_.emplace();
    }
    period_cycles_ =
        rte_get_timer_hz() * options.stats_period_s.value_or(terminal_ || json_ ? 1U : 0U);
    title_ = {.mode = facts_of(mode_).name,
              .started_cycles = first_cycles_,
              .cycles_per_second = rte_get_timer_hz()};
}

void Statistics::turn(std::uint64_t now_cycles) {
    if (period_cycles_ != 0 && now_cycles - last_.cycles >= period_cycles_) {
        Snapshot now = taker_.take(now_cycles);
        show(now);
        last_ = std::move(now);
    }
}

void Statistics::show(const Snapshot& now) {
    if (terminal_) {
        terminal_->show(table_lines(title_, now, last_));
    } else if (json_) {
        print_line(json_interval(now, last_, rte_get_timer_hz()));
    } else {
        print_interval(now, last_);
    }
}

void Statistics::finish() {
    last_ = taker_.take(rte_get_timer_cycles());
    terminal_.reset();
    if (json_) {
        print_line(json_totals(last_, rte_get_timer_hz()));
    } else {
        print_totals(last_);
    }
}

Outcome Statistics::outcome() const {
    const ForwardCounters& own = last_.own;
    Outcome outcome{.packets = own.sent + (facts_of(mode_).makes ? 0 : own.consumed),
                    .lost = own.dropped,
                    .seconds = static_cast<double>(last_.cycles - first_cycles_) /
                               static_cast<double>(rte_get_timer_hz())};
    for (const PortSnapshot& port : last_.ports) {
        outcome.lost += lost_by_driver(port.counters);
    }
    if (mode_ == Mode::kLatency) {
        outcome.lost += missing_round_trips(last_);
    }
    return outcome;
}

}  // namespace netvsc_fwd
