#include <algorithm>
#include <cstdio>
#include <ostream>

#include "compare.hpp"

namespace netvsc_bench {
namespace {

/// Offered by the generator when a driver is to show the most that it can take: one that is flooded
/// may drop nearly everything.
constexpr std::uint64_t kRates[] = {0,         500'000,   1'000'000, 2'000'000,
                                    4'000'000, 8'000'000, 16'000'000};

const char* short_name(const std::string& measure) {
    return measure == "forward" ? "fwd" : measure.c_str();
}

double sum_of(const Json& result, std::initializer_list<const char*> counters) {
    double sum = 0;
    for (const Json& channel : result["host"]) {
        for (const char* counter : counters) {
            sum += channel[counter].get<double>();
        }
    }
    return sum;
}

/// Per thousand packets that the guest moved, either way.
double per_thousand(const Json& result, std::initializer_list<const char*> counters) {
    const double packets = std::max(sum_of(result, {"tx_packets"}), sum_of(result, {"rx_packets"}));
    return packets > 0 ? sum_of(result, counters) * 1000 / packets : 0;
}

class Comparison {
public:
    Comparison(const CompareOptions& options, std::ostream& lines)
        : options_(options), lines_(lines) {}

    void rates(const std::string& measure, const std::string& size, std::uint16_t queues);
    void instructions(const std::string& measure);
    void stepped(const std::string& measure);
    void signals(const std::string& measure);
    void latency();
    void host(const std::string& port, const std::string& measure);

    std::vector<Row> take_rows() { return std::move(rows_); }

private:
    using Results = std::vector<Json>;

    std::optional<Json> run(const std::string& name, const Case& what, Driver driver);
    std::pair<Results, Results> interleaved(const std::string& name, const Case& ours,
                                            const Case& theirs, unsigned runs);
    Case at_best_rate(const std::string& name, Case what, Driver driver);
    template <class Figure>
    void add(const std::string& name, const char* unit, Better better,
             const std::pair<Results, Results>& results, Figure&& figure);

    const CompareOptions& options_;
    std::ostream& lines_;
    std::vector<Row> rows_;
};

std::optional<Json> Comparison::run(const std::string& name, const Case& what, Driver driver) {
    auto result = netvsc_bench::run(options_.workshop, what, driver);
    if (result) {
        Json line = {{"name", name}};
        line.update(*result);
        lines_ << line.dump() << std::endl;
    } else {
        std::fprintf(stderr, "bench: %s: %s failed, see %s/run.%s.log\n", name.c_str(),
                     to_string(driver), options_.workshop.folder.c_str(), to_string(driver));
    }
    return result;
}

std::pair<Comparison::Results, Comparison::Results> Comparison::interleaved(const std::string& name,
                                                                            const Case& ours,
                                                                            const Case& theirs,
                                                                            unsigned runs) {
    std::fprintf(stderr, "bench: %s\n", name.c_str());
    std::pair<Results, Results> results;
    unsigned failures = 0;
    for (unsigned i = 0; i < runs && failures < 2; ++i) {
        auto mine = run(name, ours, Driver::kOurs);
        auto other = run(name, theirs, Driver::kDistribution);
        if (!mine || !other) {
            ++failures;  // a flooded driver may not get out of its control commands in time
            continue;
        }
        results.first.push_back(std::move(*mine));
        results.second.push_back(std::move(*other));
    }
    return results;
}

template <class Figure>
void Comparison::add(const std::string& name, const char* unit, Better better,
                     const std::pair<Results, Results>& results, Figure&& figure) {
    Row row{.name = name, .unit = unit, .better = better, .ours = {}, .theirs = {}};
    std::transform(results.first.begin(), results.first.end(), std::back_inserter(row.ours),
                   figure);
    std::transform(results.second.begin(), results.second.end(), std::back_inserter(row.theirs),
                   figure);
    if (!row.ours.empty()) {
        rows_.push_back(std::move(row));
    }
}

Case Comparison::at_best_rate(const std::string& name, Case what, Driver driver) {
    double best = 0;
    Case chosen = what;
    for (const std::uint64_t rate : kRates) {
        what.rate = rate;
        const auto result = run(name + "/search", what, driver);
        if (result && (*result)["pps"] > best) {
            best = (*result)["pps"];
            chosen = what;
        }
    }
    return chosen;
}

void Comparison::rates(const std::string& measure, const std::string& size, std::uint16_t queues) {
    const std::string name =
        std::string("pmd/") + short_name(measure) + "/" + size + "/q" + std::to_string(queues);
    Case ours{.measure = measure, .size = size, .queues = queues, .seconds = options_.seconds};
    Case theirs = ours;
    if (measure != "tx") {
        ours = at_best_rate(name, ours, Driver::kOurs);
        theirs = at_best_rate(name, theirs, Driver::kDistribution);
    }
    const auto results = interleaved(name, ours, theirs, options_.runs);
    add(name, "packets/s", Better::kMore, results,
        [](const Json& result) { return result["pps"]; });
    if (size != "64" || queues != 1) {
        return;
    }
    add(std::string("pmd/ring-packets/") + short_name(measure) + "/64", "ring packets/1000 packets",
        Better::kLess, results, [](const Json& result) {
            return per_thousand(result, {"tx_ring_packets", "rx_ring_packets"});
        });
}

void Comparison::instructions(const std::string& measure) {
    const Case what{.measure = measure, .steps = 50, .callgrind = true};
    const std::string name = std::string("pmd/instructions/") + short_name(measure) + "/64";
    add(name, "instructions/packet", Better::kLess, interleaved(name, what, what, 1),
        [](const Json& result) {
            return result["instructions"].get<double>() / result["packets"].get<double>();
        });
}

/// The time inside the driver's functions while the host stands still.
void Comparison::stepped(const std::string& measure) {
    const Case what{.measure = measure, .steps = 300, .bursts_per_step = 32};
    const std::string name = std::string("pmd/driver-time/") + short_name(measure) + "/64";
    add(name, "ns/packet", Better::kLess, interleaved(name, what, what, options_.runs),
        [](const Json& result) { return result["busy_ns_per_packet"]; });
}

/// Signals to a host that sleeps whenever it has nothing to do. Both drivers move the same packets
/// in the same bursts, one a step: how often a free host sleeps depends on who is how fast.
void Comparison::signals(const std::string& measure) {
    const Case what{.measure = measure, .steps = 4000, .bursts_per_step = 1, .host_sleeps = true};
    const std::string name = std::string("pmd/signals/") + short_name(measure) + "/64";
    add(name, "signals/1000 packets", Better::kLess, interleaved(name, what, what, 1),
        [](const Json& result) { return per_thousand(result, {"signals_from_guest"}); });
}

void Comparison::latency() {
    const Case what{.measure = "latency", .seconds = options_.seconds};
    const auto results = interleaved("pmd/latency/64", what, what, options_.runs);
    for (const char* percentile : {"p50", "p90", "p99", "p99.9"}) {
        const std::string name = std::string("pmd/latency/64") +
                                 (std::string(percentile) == "p50" ? "" : "/") +
                                 (std::string(percentile) == "p50" ? "" : percentile);
        add(name, "ns round trip", Better::kLess, results,
            [percentile](const Json& result) { return result["latency_ns"][percentile]; });
    }
}

/// What the host alone can move, stepped so that no guest keeps it waiting, beside what the
/// distribution's driver reaches on it.
void Comparison::host(const std::string& port, const std::string& measure) {
    const Case steps{.measure = measure, .steps = 200, .bursts_per_step = 32};
    const std::string theirs = std::string("pmd/") + short_name(measure) + "/64/q1";
    const auto peer = std::find_if(rows_.begin(), rows_.end(),
                                   [&](const Row& row) { return row.name == theirs; });
    if (peer == rows_.end()) {
        return;
    }
    Row row{.name = "host/" + port + "/64",
            .unit = "packets/s",
            .better = Better::kMore,
            .ours = {},
            .theirs = peer->theirs};
    for (unsigned i = 0; i < options_.runs; ++i) {
        if (const auto result = run(row.name, steps, Driver::kOurs)) {
            row.ours.push_back(1e9 / (*result)["host_ns_per_packet"].get<double>());
        }
    }
    if (!row.ours.empty()) {
        rows_.push_back(std::move(row));
    }
}

}  // namespace

std::vector<Row> compare_all(const CompareOptions& options, std::ostream& lines) {
    Comparison comparison(options, lines);
    const std::string measures[] = {"tx", "rx", "forward"};
    for (const auto queues : options.queues) {
        for (const std::string& measure : measures) {
            for (const std::string& size : options.sizes) {
                comparison.rates(measure, size, queues);
            }
        }
    }
    for (const std::string& measure : measures) {
        comparison.stepped(measure);
        comparison.signals(measure);
        if (options.instructions) {
            comparison.instructions(measure);
        }
    }
    comparison.latency();
    comparison.host("gen", "rx");
    comparison.host("null", "tx");
    return comparison.take_rows();
}

}  // namespace netvsc_bench
