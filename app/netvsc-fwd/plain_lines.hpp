// Statistics as lines of text, in the words and columns of dpdk-testpmd: scripts that read those
// read these. Main thread only.
#pragma once

#include "snapshot.hpp"

namespace netvsc_fwd {

/// Counters, and rates since `before`.
void print_interval(const Snapshot& now, const Snapshot& before);

/// What each port received, and what it sent and failed to send.
void print_totals(const Snapshot& last);

}  // namespace netvsc_fwd
