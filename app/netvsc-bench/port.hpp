// Port: the first port that EAL found, opened with as many queue pairs as asked for, promiscuous
// and started; and its packet buffers, whose bytes are a valid Ethernet/IPv4/UDP frame already.
// Stopped and closed at the end. Main thread only.
#pragma once

#include <rte_mempool.h>

#include <cstdint>
#include <string>

namespace netvsc_bench {

class Port {
public:
    /// Throws std::runtime_error when there is none, or it cannot be used like that.
    explicit Port(std::uint16_t queues);
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port();

    std::uint16_t id() const { return id_; }
    rte_mempool& pool() const { return *pool_; }
    std::string driver() const;

private:
    void open(std::uint16_t queues);

    std::uint16_t id_;
    rte_mempool* pool_;
    bool started_ = false;
};

}  // namespace netvsc_bench
