#include "xstats.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace netvsc_fwd {
namespace {

struct RingName {
    std::string_view name;
    std::optional<std::uint64_t> RingFigures::*figure;
};
constexpr std::array kRingNames = {
    RingName{"rx_used", &RingFigures::rx_used}, RingName{"rx_size", &RingFigures::rx_size},
    RingName{"tx_used", &RingFigures::tx_used}, RingName{"tx_size", &RingFigures::tx_size},
    RingName{"signals", &RingFigures::signals},
};

/// What is in the names of counters that nobody likes to see grow, in this driver or that.
constexpr std::array<std::string_view, 12> kCauses = {
    "error", "drop",      "miss",    "no_mbuf",    "mbuf_alloc", "discard",
    "fail",  "ring_full", "no_slot", "owner_busy", "stalls",     "channel_lost"};

bool is_cause(std::string_view name) {
    return std::any_of(kCauses.begin(), kCauses.end(), [name](std::string_view part) {
        return name.find(part) != std::string_view::npos;
    });
}

/// ring_qN_NAME.
bool take_ring(const NamedXstat& xstat, std::vector<RingFigures>& rings) {
    constexpr std::string_view kPrefix = "ring_q";
    std::string_view rest = xstat.name;
    std::size_t queue = 0;
    if (!rest.starts_with(kPrefix)) {
        return false;
    }
    rest.remove_prefix(kPrefix.size());
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), queue);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (error != std::errc() || !rest.starts_with('_') || queue >= RTE_MAX_QUEUES_PER_PORT) {
        return false;
    }
    for (const RingName& each : kRingNames) {
        if (rest.substr(1) == each.name) {
            rings.resize(std::max(rings.size(), queue + 1));
            rings[queue].*each.figure = xstat.value;
            return true;
        }
    }
    return false;
}

}  // namespace

XstatFigures figures_of(const std::vector<NamedXstat>& xstats) {
    XstatFigures figures;
    for (const NamedXstat& xstat : xstats) {
        if (take_ring(xstat, figures.rings)) {
            continue;
        }
        if (xstat.name == "vf_active") {
            figures.on_vf = xstat.value != 0;
        } else if (xstat.value != 0 && is_cause(xstat.name)) {
            figures.causes[std::string(xstat.name)] = xstat.value;
        }
    }
    return figures;
}

Xstats::Xstats(std::uint16_t port) : port_(port) {
    const int count = rte_eth_xstats_get_names(port, nullptr, 0);
    if (count > 0) {
        names_.resize(static_cast<std::size_t>(count));
        rte_eth_xstats_get_names(port, names_.data(), static_cast<unsigned>(count));
    }
    values_.resize(names_.size());
}

XstatFigures Xstats::read() {
    const auto count = static_cast<unsigned>(values_.size());
    const int got = rte_eth_xstats_get(port_, values_.data(), count);
    std::vector<NamedXstat> named;
    for (int i = 0; i < std::min(got, static_cast<int>(count)); ++i) {
        const rte_eth_xstat& each = values_[static_cast<std::size_t>(i)];
        if (each.id < names_.size()) {
            named.push_back({names_[each.id].name, each.value});
        }
    }
    return figures_of(named);
}

}  // namespace netvsc_fwd
