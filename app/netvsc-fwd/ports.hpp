// Ports: all ports that EAL found, opened with the queues that the command line asks for,
// promiscuous and started; stopped and closed at the end. Main thread only.
#pragma once

#include <rte_ether.h>
#include <rte_mempool.h>

#include <cstdint>
#include <string>
#include <vector>

#include "options.hpp"

namespace netvsc_fwd {

struct Port {
    std::uint16_t id = 0;
    rte_ether_addr address{};
    std::uint64_t tx_offloads = 0;  ///< that it was configured with
    std::string driver{};
};

class Ports {
public:
    /// Throws std::runtime_error when there are none, or one cannot be used.
    explicit Ports(const Options& options);
    Ports(const Ports&) = delete;
    Ports& operator=(const Ports&) = delete;
    ~Ports();

    const std::vector<Port>& all() const { return ports_; }

    /// Where packets of the n-th port go: 0 and 1 are a pair, 2 and 3; an odd one goes to itself.
    std::size_t partner(std::size_t n) const {
        const std::size_t other = n ^ 1U;
        return other < ports_.size() ? other : n;
    }
    rte_mempool& pool() const { return *pool_; }

private:
    void open(Port& port);
    void start(const Port& port);
    void open_queues(std::uint16_t port);
    void check_frames(const Port& port) const;
    void stop();

    const Options options_;
    std::vector<Port> ports_;
    std::vector<std::uint16_t> started_;
    rte_mempool* pool_ = nullptr;
};

}  // namespace netvsc_fwd
