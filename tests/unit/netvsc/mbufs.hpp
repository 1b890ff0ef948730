// A pool of mbufs for a test, and frames in it. A test that ends with all() back has lost none and
// freed none twice.
#pragma once

#include <gtest/gtest.h>
#include <rte_mbuf.h>

#include <atomic>
#include <string>
#include <vector>

#include "rig.hpp"

namespace vmbus::netvsc::test {

class Pool {
public:
    explicit Pool(unsigned count = 511, std::uint16_t room = 2048) : count_(count) {
        static std::atomic<int> number{0};
        const std::string name = "pool" + std::to_string(++number);
        pool_ = rte_pktmbuf_pool_create(
            name.c_str(), count, 0, 0, static_cast<std::uint16_t>(room + RTE_PKTMBUF_HEADROOM), -1);
        EXPECT_NE(pool_, nullptr);
    }
    ~Pool() {
        EXPECT_TRUE(all()) << count_ - free() << " mbufs are missing";
        rte_mempool_free(pool_);
    }
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    rte_mempool& get() { return *pool_; }
    unsigned free() const { return rte_mempool_avail_count(pool_); }
    bool all() const { return free() == count_; }

    /// One segment of `length` bytes.
    rte_mbuf* frame(std::uint16_t length, int mark = 0) {
        rte_mbuf* mbuf = rte_pktmbuf_alloc(pool_);
        auto* data = rte_pktmbuf_append(mbuf, length);
        for (std::uint16_t i = 0; i < length; ++i) {
            data[i] = static_cast<char>(i * 7 + mark);
        }
        return mbuf;
    }
    rte_mbuf* chain(unsigned segments, std::uint16_t length) {
        rte_mbuf* head = frame(length);
        for (unsigned i = 1; i < segments; ++i) {
            EXPECT_EQ(rte_pktmbuf_chain(head, frame(length, static_cast<int>(i))), 0);
        }
        return head;
    }

private:
    unsigned count_;
    rte_mempool* pool_ = nullptr;
};

using Frames = std::vector<Message>;

inline Message frame_bytes(const rte_mbuf* mbuf) {
    Message all;
    for (; mbuf != nullptr; mbuf = mbuf->next) {
        const auto* data = rte_pktmbuf_mtod(mbuf, const std::byte*);
        all.insert(all.end(), data, data + mbuf->data_len);
    }
    return all;
}

/// A session that is up, with its host's thread stopped: from here the test is the host.
struct Connected {
    Connected() {
        options.counters = {&ring_counters, 1};
        options.free_mbuf = [](rte_mbuf* mbuf) noexcept { rte_pktmbuf_free(mbuf); };
        host.start();
        session = Session::open(rig.resources(), options, failure);
        host.stop();
        EXPECT_NE(session, nullptr) << failure.doing;
        while (host.end.take()) {
        }
    }
    ~Connected() { session->fail(Health::kRemoved); }  // nobody would answer the farewell

    Rig rig;
    ScriptedHost host{rig};
    HostEnd& end = host.end;
    RingCounters ring_counters;
    SessionOptions options;
    Session::Failure failure;
    std::unique_ptr<Session> session;
};

}  // namespace vmbus::netvsc::test
