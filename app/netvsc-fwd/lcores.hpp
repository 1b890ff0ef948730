// Lcores: the forwarders of all queues of all ports, shared out over the lcores, and their running.
// No driver locks a queue: all that send on one, and what receives on one, are the same lcore's.
// Made and run by the main lcore, which forwards its share too.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <vector>

#include "forward.hpp"
#include "options.hpp"
#include "ports.hpp"

namespace netvsc_fwd {

using Forwarders = std::deque<Forwarder>;

class Lcores {
public:
    /// Throws std::runtime_error when EAL has not as many lcores as are to forward.
    Lcores(const Ports& ports, const Options& options, Run& run);

    /// Until somebody asks to stop. `meanwhile` is called by the main lcore between turns, with the
    /// time in cycles.
    void run(const std::function<void(std::uint64_t)>& meanwhile);

    const Forwarders& forwarders() const { return forwarders_; }

private:
    using Share = std::vector<Forwarder*>;

    void add(const Ports& ports, const Options& options, std::size_t from, Run& run);
    static int forward(void* share);
    static void wind_down(const Share& share);

    const std::uint64_t number_;  ///< of this run
    Forwarders forwarders_;
    std::vector<Share> shares_;
};

}  // namespace netvsc_fwd
