// The virtual function of a NIC is unplugged, and another device in the same moment: the second
// event must not make the driver forget the first. The events are raised by the test, as a driver
// raises them for its port.
#include <ethdev_driver.h>
#include <gtest/gtest.h>

#include "looped_port.hpp"

namespace vmbus::guest {
namespace {

using VfUnpluggedWithAnother = LoopedPort;

void unplug(const char* device) {
    std::uint16_t port = 0;
    ASSERT_EQ(rte_eth_dev_get_port_by_name(device, &port), 0) << device;
    rte_eth_dev_callback_process(&rte_eth_devices[port], RTE_ETH_EVENT_INTR_RMV, nullptr);
}

TEST_F(VfUnpluggedWithAnother, DriverLetsGoOfItsVf) {
    set_up({.rx_queues = 1, .tx_queues = 1});
    while (xstat("vf_active") == 0) receive(0);
    unplug("net_tap0");
    unplug("net_null0");
    while (xstat("vf_removals") == 0) receive(0);
    EXPECT_EQ(xstat("vf_active"), 0U);
}

}  // namespace
}  // namespace vmbus::guest
