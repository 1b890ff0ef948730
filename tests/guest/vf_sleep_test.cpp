// An lcore that sleeps while the host gives the NIC a virtual function: frames then come through
// another port, whose interrupts nobody waits for, so it stays awake. Run with a port that stands
// for the function.
#include <rte_interrupts.h>

#include "looped_port.hpp"

namespace vmbus::guest {
namespace {

using AsleepBesideAVf = LoopedPort;

TEST_F(AsleepBesideAVf, SleeperIsWokenByTheSwitchAndStaysAwake) {
    set_up({.rx_queues = 1, .tx_queues = 1, .interrupts = true});
    ASSERT_EQ(
        rte_eth_dev_rx_intr_ctl_q(kPort, 0, RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD, nullptr), 0);
    rte_epoll_event event{};
    while (xstat("vf_active") == 0) {
        ASSERT_EQ(rte_eth_dev_rx_intr_enable(kPort, 0), 0);
        ASSERT_EQ(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 10'000), 1);
        receive(0);
    }
    for (int i = 0; i < 10; ++i) {
        ASSERT_EQ(rte_eth_dev_rx_intr_enable(kPort, 0), 0);
        ASSERT_EQ(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 10'000), 1) << i;
        ASSERT_EQ(rte_eth_dev_rx_intr_disable(kPort, 0), 0);
    }
}

}  // namespace
}  // namespace vmbus::guest
