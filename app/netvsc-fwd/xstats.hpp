// Xstats: the extended statistics of a port, sorted once by their names: what a queue's ring holds,
// signals, the path, and what was lost or refused, by cause. The names are those of our driver;
// another driver shows what it has. Main thread only.
#pragma once

#include <rte_ethdev.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netvsc_fwd {

/// Of the rings of one queue, in bytes; what the driver does not tell is missing.
struct RingFigures {
    std::optional<std::uint64_t> rx_used;
    std::optional<std::uint64_t> rx_size;
    std::optional<std::uint64_t> tx_used;
    std::optional<std::uint64_t> tx_size;
    std::optional<std::uint64_t> signals;
};

struct XstatFigures {
    std::vector<RingFigures> rings;  ///< by queue
    std::optional<bool> on_vf;
    std::map<std::string, std::uint64_t> causes;  ///< of losses and refusals; those not zero
};

struct NamedXstat {
    std::string_view name;
    std::uint64_t value;
};

/// Sorts them.
XstatFigures figures_of(const std::vector<NamedXstat>& xstats);

class Xstats {
public:
    explicit Xstats(std::uint16_t port);
    XstatFigures read();

private:
    std::uint16_t port_;
    std::vector<rte_eth_xstat_name> names_;
    std::vector<rte_eth_xstat> values_;
};

}  // namespace netvsc_fwd
