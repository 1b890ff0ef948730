// The virtual function of a port: a port of EAL that the test plays, offered by a host that the
// test plays. It is set up on EAL's interrupt thread.
#include "net/netvsc/vf.hpp"

#include <dev_driver.h>
#include <gtest/gtest.h>
#include <rte_malloc.h>

#include <cstring>

#include "mbufs.hpp"

namespace vmbus::netvsc::test {
namespace {

constexpr std::uint8_t kMac[] = {0, 0x15, 0x5D, 1, 2, 3};  // that of the scripted host

extern "C" {
int tell(rte_eth_dev* /*dev*/, rte_eth_dev_info* info) {
    info->max_rx_queues = info->max_tx_queues = 1;
    info->max_mac_addrs = 1;
    info->max_rx_pktlen = 1518;
    return 0;
}
int agree(rte_eth_dev* /*dev*/) {
    return 0;
}
int has_no_link(rte_eth_dev* /*dev*/, int /*wait*/) {
    return 0;
}
int take_groups(rte_eth_dev* dev, rte_ether_addr* /*list*/, std::uint32_t count) {
    *static_cast<std::uint32_t*>(dev->data->dev_private) = count;
    return 0;
}
}

const eth_dev_ops kOps = [] {
    eth_dev_ops ops{};
    ops.dev_infos_get = tell;
    ops.dev_configure = ops.dev_start = ops.dev_stop = ops.dev_close = agree;
    ops.link_update = has_no_link;
    ops.promiscuous_enable = ops.promiscuous_disable = agree;
    ops.allmulticast_enable = ops.allmulticast_disable = agree;
    ops.set_mc_addr_list = take_groups;
    return ops;
}();

/// A port without queues that agrees to everything.
class PlayedPort {
public:
    explicit PlayedPort(const char* name) : dev_(rte_eth_dev_allocate(name)) {
        driver_.name = "played";
        device_.driver = &driver_;
        device_.name = name;
        dev_->device = &device_;
        dev_->dev_ops = &kOps;
        dev_->data->mtu = 1500;
        dev_->data->dev_private = rte_zmalloc(nullptr, sizeof(std::uint32_t), 0);
        dev_->data->mac_addrs =
            static_cast<rte_ether_addr*>(rte_zmalloc(nullptr, sizeof(rte_ether_addr), 0));
        std::memcpy(dev_->data->mac_addrs->addr_bytes, kMac, sizeof kMac);
        rte_eth_dev_probing_finish(dev_);
    }
    ~PlayedPort() { rte_eth_dev_release_port(dev_); }
    PlayedPort(const PlayedPort&) = delete;
    PlayedPort& operator=(const PlayedPort&) = delete;

    rte_eth_dev& dev() { return *dev_; }
    bool promiscuous() const { return rte_eth_promiscuous_get(dev_->data->port_id) == 1; }
    bool all_multicast() const { return rte_eth_allmulticast_get(dev_->data->port_id) == 1; }
    std::uint32_t groups() const { return *static_cast<std::uint32_t*>(dev_->data->dev_private); }

private:
    rte_driver driver_{};
    rte_device device_{};
    rte_eth_dev* dev_;
};

struct VfTest : testing::Test {
    VfTest() {
        connected.host.instead = [](HostEnd& end, const ring::PacketView& view) {
            const auto header = view.payload<wire::NvspHeader>();
            const bool moves = header && header->type == raw(wire::NvspType::kSwitchDataPath);
            if (moves) {
                end.complete(view.transaction_id(), Message(8));
            }
            return moves;
        };
        connected.end.put({.payload = base::bytes_of(association)});
        connected.host.start();
        vf.bind(*connected.session);
    }
    ~VfTest() override { vf.close(); }

    /// The application starts our port: until the VF is in use.
    void run() {
        vf.set_running(true);
        for (int i = 0; i < 5000 && vf.figures().active == 0; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        ASSERT_EQ(vf.figures().active, 1U);
    }

    const wire::NvspSendVfAssociation association{raw(wire::NvspType::kSendVfAssociation), 1, 7};
    PlayedPort ours{"played_nic"};
    PlayedPort theirs{"played_vf"};
    Connected connected;
    Vf vf{ours.dev(), "played_nic", true};
};

// ethdev notes the mode in our port's data after the call that sets it, and the interrupt thread
// may set the VF up in between.
TEST_F(VfTest, ModesThatAreSetBeforeItIsSetUpReachIt) {
    vf.set_promiscuous(true);
    vf.set_all_multicast(true);
    run();
    EXPECT_TRUE(theirs.promiscuous());
    EXPECT_TRUE(theirs.all_multicast());
}

TEST_F(VfTest, ModesThatAreTakenBackBeforeItIsSetUpDoNot) {
    ours.dev().data->promiscuous = 1;  // as it is until the call is done
    vf.set_promiscuous(true);
    vf.set_promiscuous(false);
    run();
    EXPECT_FALSE(theirs.promiscuous());
}

TEST_F(VfTest, ModesThatAreSetWhileItIsInUseReachItAtOnceAndEachAlone) {
    run();
    vf.set_promiscuous(true);
    EXPECT_TRUE(theirs.promiscuous());
    EXPECT_FALSE(theirs.all_multicast());
    vf.set_all_multicast(true);
    vf.set_promiscuous(false);
    EXPECT_FALSE(theirs.promiscuous());
    EXPECT_TRUE(theirs.all_multicast());
}

TEST_F(VfTest, GroupsStayWhenAModeChanges) {
    vf.set_groups(std::vector<oids::MacAddress>(3));
    run();
    EXPECT_EQ(theirs.groups(), 3U);
    vf.set_promiscuous(true);
    EXPECT_EQ(theirs.groups(), 3U);
}

}  // namespace
}  // namespace vmbus::netvsc::test
