// The host takes the NIC away while an lcore sleeps. Run with a script that does so (removal.json).
#include <rte_interrupts.h>

#include <cerrno>

#include "looped_port.hpp"

namespace vmbus::guest {
namespace {

using RemovedWhileAsleep = LoopedPort;

TEST_F(RemovedWhileAsleep, SleeperIsWokenAndToldAndNeverSleepsAgain) {
    set_up({.rx_queues = 1, .tx_queues = 1, .interrupts = true});
    ASSERT_EQ(
        rte_eth_dev_rx_intr_ctl_q(kPort, 0, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD, nullptr), 0);
    int enabled = 0;
    for (std::uint32_t i = 0; enabled == 0; ++i) {
        receive(0);  // the last one: this one is to wake
        send(0, i, 0);
        enabled = rte_eth_dev_rx_intr_enable(kPort, 0);
        rte_epoll_event event{};
        ASSERT_EQ(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 10'000), 1) << i;
    }
    EXPECT_TRUE(enabled == -ENODEV || enabled == -EIO) << enabled;
}

}  // namespace
}  // namespace vmbus::guest
