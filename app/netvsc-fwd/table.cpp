#include "table.hpp"

#include <fmt/format.h>

#include <optional>

#include "round_trips.hpp"

namespace netvsc_fwd {
namespace {

constexpr char kColumns[] = "{:>4}{:>12}{:>12}{:>9}{:>9}{:>8}{:>8}{:>10}{:>8}";
using Lines = std::vector<std::string>;

std::string megabits(std::uint64_t bytes_per_second) {
    return fmt::format("{:.1f}", static_cast<double>(bytes_per_second) * 8 / 1e6);
}

/// How full a ring is.
std::string share(const std::optional<std::uint64_t>& used,
                  const std::optional<std::uint64_t>& size) {
    if (!used || !size || *size == 0) {
        return "-";
    }
    return fmt::format("{:.0f} %", 100.0 * static_cast<double>(*used) / static_cast<double>(*size));
}

std::string port_line(const PortSnapshot& now, const PortSnapshot& before, double seconds) {
    const rte_eth_stats& new_ = now.counters;
    const rte_eth_stats& old = before.counters;
    std::optional<std::uint64_t> signals;
    for (std::size_t q = 0; q < now.queues.size(); ++q) {
        if (now.queues[q].ring.signals) {
            signals =
                signals.value_or(0) + rate(*now.queues[q].ring.signals,
                                           before.queues[q].ring.signals.value_or(0), seconds);
        }
    }
    return fmt::format(kColumns, "all", grouped(rate(new_.ipackets, old.ipackets, seconds)),
                       grouped(rate(new_.opackets, old.opackets, seconds)),
                       megabits(rate(new_.ibytes, old.ibytes, seconds)),
                       megabits(rate(new_.obytes, old.obytes, seconds)), "", "",
                       signals ? grouped(*signals) : "-",
                       grouped(lost_by_driver(new_) + now.own.dropped));
}

std::string queue_line(std::size_t number, const QueueSnapshot& now, const QueueSnapshot& before,
                       double seconds) {
    const RingFigures& ring = now.ring;
    return fmt::format(
        kColumns, fmt::format("q{}", number),
        grouped(rate(now.own.received, before.own.received, seconds)),
        grouped(rate(now.own.sent, before.own.sent, seconds)), "", "",
        share(ring.rx_used, ring.rx_size), share(ring.tx_used, ring.tx_size),
        ring.signals ? grouped(rate(*ring.signals, before.ring.signals.value_or(0), seconds)) : "-",
        grouped(now.own.dropped));
}

void add_causes(const XstatFigures& now, const XstatFigures& before, double seconds, Lines& lines) {
    for (const auto& [name, value] : now.causes) {
        const auto old = before.causes.find(name);
        const std::uint64_t growth =
            rate(value, old == before.causes.end() ? 0 : old->second, seconds);
        lines.push_back(fmt::format("     {}: {}{}", name, grouped(value),
                                    growth == 0 ? "" : fmt::format(" (+{}/s)", grouped(growth))));
    }
}

void add_port(const PortSnapshot& now, const PortSnapshot& before, double seconds, Lines& lines) {
    lines.emplace_back();
    lines.push_back(fmt::format("port {}  {}  link: {}  path: {}", now.id, now.driver,
                                words_of(now.link), path_of(now.xstats)));
    lines.push_back(fmt::format(kColumns, "", "rx pkt/s", "tx pkt/s", "rx Mb/s", "tx Mb/s",
                                "rx ring", "tx ring", "signals/s", "drops"));
    lines.push_back(port_line(now, before, seconds));
    for (std::size_t q = 0; q < now.queues.size(); ++q) {
        lines.push_back(queue_line(q, now.queues[q], before.queues[q], seconds));
    }
    add_causes(now.xstats, before.xstats, seconds, lines);
}

std::string round_trip_line(const Snapshot& now, std::uint64_t cycles_per_second) {
    std::string line = "round trip (us):";
    for (const auto& figure : round_trips_ns(*now.report.round_trip_cycles, cycles_per_second)) {
        line += fmt::format(" {} {:.1f}", figure.name, figure.ns / 1e3);
    }
    return line;
}

}  // namespace

std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t end = text.size(); end > 3; end -= 3) {
        text.insert(end - 3, 1, ',');
    }
    return text;
}

std::vector<std::string> table_lines(const TableTitle& title, const Snapshot& now,
                                     const Snapshot& before) {
    const auto seconds_between = [&title](std::uint64_t from, std::uint64_t to) {
        return static_cast<double>(to - from) / static_cast<double>(title.cycles_per_second);
    };
    const double seconds = seconds_between(before.cycles, now.cycles);
    Lines lines = {fmt::format("netvsc-fwd {}, {:.0f} s, {} packets sent, {} dropped", title.mode,
                               seconds_between(title.started_cycles, now.cycles),
                               grouped(now.own.sent), grouped(now.own.dropped))};
    for (std::size_t n = 0; n < now.ports.size(); ++n) {
        add_port(now.ports[n], before.ports[n], seconds, lines);
    }
    if (now.report.round_trip_cycles) {
        lines.emplace_back();
        lines.push_back(round_trip_line(now, title.cycles_per_second));
    }
    return lines;
}

}  // namespace netvsc_fwd
