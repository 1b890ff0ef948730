// Ports: all ports that EAL found, opened with the queues that the command line asks for,
// promiscuous and started; stopped and closed at the end. Main thread only.
#pragma once

#include <rte_mempool.h>

#include <cstdint>
#include <vector>

#include "options.hpp"

namespace netvsc_fwd {

class Ports {
public:
    /// Throws std::runtime_error when there are none, or one cannot be used.
    explicit Ports(const Options& options);
    Ports(const Ports&) = delete;
    Ports& operator=(const Ports&) = delete;
    ~Ports();

    const std::vector<std::uint16_t>& ids() const { return ids_; }

    /// Where packets of the n-th port go: 0 and 1 are a pair, 2 and 3; an odd one goes to itself.
    std::uint16_t partner(std::size_t n) const {
        const std::size_t other = n ^ 1U;
        return ids_[other < ids_.size() ? other : n];
    }

    /// What is done with packets of the n-th port, by the mode.
    Work work(std::size_t n) const;

    void stop();

private:
    void open(std::uint16_t port);
    void open_queues(std::uint16_t port);

    const Options options_;
    std::vector<std::uint16_t> ids_;
    std::vector<std::uint16_t> started_;
    rte_mempool* pool_ = nullptr;
};

}  // namespace netvsc_fwd
