// A port as an application has it, whose host sends back what it gets: set up as a test likes, with
// flows to send and, by queue, the frames that came back. Frames carry flow and sequence number.
// What ethdev must not refuse is required; a test fails where it does.
#pragma once

#include <gtest/gtest.h>
#include <rte_ethdev.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace vmbus::guest {

struct Wishes {
    std::uint16_t rx_queues = 1;
    std::uint16_t tx_queues = 1;
    std::uint64_t hashes = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_IPV4;
    std::uint8_t* key = nullptr;  ///< of 40 bytes
    bool interrupts = false;
    std::uint16_t deferred_rx = UINT16_MAX;  ///< a queue that does not start with the port
};

struct Frame {
    std::uint16_t flow = 0;
    std::uint32_t sequence = 0;
    std::uint16_t queue = 0;
    std::uint32_t hash = 0;
    bool has_hash = false;
};

/// What hosts hash of a flow's frames: addresses and ports, in the CPU's byte order.
std::array<std::uint32_t, 3> hashed_of(std::uint16_t flow);

class LoopedPort : public testing::Test {
protected:
    LoopedPort();
    ~LoopedPort() override;

    void configure(const Wishes& wishes);
    void start();
    void stop();
    void set_up(const Wishes& wishes) {
        configure(wishes);
        start();
    }

    /// Sends `each` frames of each of `flows` flows over the transmit queues in turn, and waits
    /// for those that come back, until `wanted` are there or the patience ends.
    std::vector<Frame> exchange(unsigned flows, unsigned each);
    /// One frame of a flow. False when the port does not take it.
    bool send(std::uint16_t flow, std::uint32_t sequence, std::uint16_t queue);
    /// What lies in a receive queue now.
    std::vector<Frame> receive(std::uint16_t queue);
    std::vector<Frame> receive_until(std::size_t wanted);
    /// Until so many frames lie in the receive queues. False when the patience ends.
    bool wait_for_waiting(int frames);

    std::uint64_t xstat(const std::string& name) const;
    /// Sum of the xstats whose name ends so.
    std::uint64_t xstats_ending(const std::string& end) const;

    /// Frames by receive queue.
    static std::map<std::uint16_t, unsigned> by_queue(const std::vector<Frame>& frames);
    /// Whether the frames of each flow came on one queue and in order.
    static testing::AssertionResult flows_whole(const std::vector<Frame>& frames);

    static constexpr std::uint16_t kPort = 0;

private:
    void set_up_queues();
    static rte_mempool& pool();

    Wishes wishes_;
    bool started_ = false;
};

}  // namespace vmbus::guest
