// Statistics: what the program shows while it runs and at the end: lines of text, JSON Lines, or a
// table on a terminal. Main thread only.
#pragma once

#include <cstdint>
#include <optional>

#include "expectation.hpp"
#include "options.hpp"
#include "snapshot.hpp"
#include "table.hpp"
#include "terminal.hpp"

namespace netvsc_fwd {

class Statistics {
public:
    Statistics(const Ports& ports, const Forwarders& forwarders, const Options& options);

    /// Shows what there is, when it is time.
    void turn(std::uint64_t now_cycles);
    /// At the end: the totals.
    void finish();
    /// Of the whole run. Requires: finish().
    Outcome outcome() const;

    std::uint64_t start_cycles() const { return first_cycles_; }

private:
    void show(const Snapshot& now);

    const Mode mode_;
    const bool json_;
    SnapshotTaker taker_;
    std::optional<Terminal> terminal_;  ///< where the table goes
    TableTitle title_;
    std::uint64_t period_cycles_;  ///< 0: only at the end
    std::uint64_t first_cycles_;
    Snapshot last_;
};

}  // namespace netvsc_fwd
