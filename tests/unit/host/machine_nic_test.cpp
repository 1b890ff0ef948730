#include "host/machine_nic.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "host/make_port.hpp"

namespace vmbus::host {
namespace {

/// A NIC in a tree of its own; the test plays the guest's kernel.
class MachineNicTest : public ::testing::Test {
protected:
    MachineNicTest() : tree_(DeviceTree::create().value()) {
        std::string why;
        spec_ = *parse_nic_spec("port=null,ring=16K,recv=128K,send=64K", 0, why);
        interrupt_page_ = tree_.create_memory("int_page", base::kHvPageSize).value();
        monitor_page_ = tree_.create_memory("monitor_page", base::kHvPageSize).value();
        nic_ =
            MachineNic::create(tree_, 0, spec_, make_port(spec_.port, ports_, why),
                               {interrupt_page_.get(), monitor_page_.get(), signals_, ids_}, why);
        EXPECT_NE(nic_, nullptr) << why;
    }
    ~MachineNicTest() override { std::filesystem::remove_all(tree_.root()); }

    std::filesystem::path device() const {
        return std::filesystem::path(tree_.root()) / "sys/bus/vmbus/devices" /
               wire::to_string(spec_.id);
    }
    /// The control page of the host-to-guest ring, as the guest maps it.
    std::uint32_t interrupt_mask() const {
        const auto ring = device() / "channels" / std::to_string(nic_->relid()) / "ring";
        const base::UniqueFd file(::open(ring.c_str(), O_RDWR));
        auto mapping = base::Mapping::map_shared(file.get(), 2 * spec_.ring).value();
        // relaxed: one thread.
        return reinterpret_cast<wire::RingPage*>(mapping.data() + spec_.ring)
            ->interrupt_mask.load_relaxed();
    }

    DeviceTree tree_;
    std::unique_ptr<wire::MonitorPage> monitor_ = std::make_unique<wire::MonitorPage>();
    std::unique_ptr<wire::InterruptPage> interrupts_ = std::make_unique<wire::InterruptPage>();
    SignalWatch signals_{*monitor_, *interrupts_};
    ChannelIds ids_;
    NicSpec spec_;
    PortContext ports_;
    base::UniqueFd interrupt_page_;
    base::UniqueFd monitor_page_;
    std::unique_ptr<MachineNic> nic_;
};

// conformance: connect_nic_vmbus
TEST_F(MachineNicTest, IsOfferedWithItsRing) {
    EXPECT_TRUE(
        std::filesystem::exists(device() / "channels" / std::to_string(nic_->relid()) / "ring"));
}

TEST_F(MachineNicTest, OpenMasksTheChannelAsOlderKernelsDo) {
    EXPECT_EQ(nic_->opened(::getpid()), 0);
    EXPECT_TRUE(nic_->nic().is_open());
    EXPECT_EQ(interrupt_mask(), 1U);
}

TEST_F(MachineNicTest, AWriteOfOneUnmasksAndOfZeroMasks) {
    nic_->opened(::getpid());
    nic_->control(1);
    EXPECT_EQ(interrupt_mask(), 0U);
    nic_->control(0);
    EXPECT_EQ(interrupt_mask(), 1U);
}

TEST_F(MachineNicTest, AMonitoredChannelIsNotSignalledByAWrite) {
    nic_->opened(::getpid());
    nic_->control(1);
    EXPECT_EQ(nic_->nic().counters().signals_from_guest, 0U);
}

TEST_F(MachineNicTest, ReleaseClosesTheConversation) {
    nic_->opened(::getpid());
    nic_->closed();
    EXPECT_FALSE(nic_->nic().is_open());
}

TEST_F(MachineNicTest, OffersNoChannelThatNobodyAskedFor) {
    nic_->opened(::getpid());
    nic_->serve_offers(MachineNic::Clock::now() + std::chrono::hours(1));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(device() / "channels"), {}), 1);
}

TEST_F(MachineNicTest, RescindTakesTheDirectoryAway) {
    nic_->opened(::getpid());
    nic_->rescind();
    EXPECT_FALSE(std::filesystem::exists(device()));
    EXPECT_FALSE(nic_->nic().is_open());
}

}  // namespace
}  // namespace vmbus::host
