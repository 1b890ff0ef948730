// What the forwarder between two ports works with: the mode's code, with all it needs. Start-up
// only.
#pragma once

#include <memory>

#include "options.hpp"
#include "ports.hpp"
#include "queue.hpp"
#include "work.hpp"

namespace netvsc_fwd {

/// `to` is a queue of `port`; `run` is a number that no other run of the program has.
std::unique_ptr<Work> make_work(const Options& options, const Port& port, Queue to,
                                rte_mempool& pool, std::uint64_t run);

}  // namespace netvsc_fwd
