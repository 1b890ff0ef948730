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
        interrupt_page_ = tree_.create_memory("int_page", base::kHvPageSize).value();
        monitor_page_ = tree_.create_memory("monitor_page", base::kHvPageSize).value();
        offer(default_kernel_profile().name);
    }
    void offer(std::string_view kernel, const std::string& more = "") {
        if (nic_ != nullptr) nic_->rescind();
        nic_.reset();
        std::string why;
        const auto number = next_number_++;
        spec_ = *parse_nic_spec("port=null,ring=16K,recv=128K,send=64K" + more, number, why);
        nic_ = MachineNic::create(tree_, number, spec_, make_port(spec_.port, ports_, why),
                                  {interrupt_page_.get(), monitor_page_.get(), signals_, ids_,
                                   *find_kernel_profile(kernel)},
                                  why);
        EXPECT_NE(nic_, nullptr) << why;
    }
    std::uint64_t signals() const { return nic_->nic().counters().signals_from_guest; }
    ~MachineNicTest() override { std::filesystem::remove_all(tree_.root()); }

    std::filesystem::path device() const {
        return std::filesystem::path(tree_.root()) / "sys/bus/vmbus/devices" /
               wire::to_string(spec_.id);
    }
    /// The control page of the host-to-guest ring, as the guest maps it.
    template <class Visit>
    auto with_inbound_page(Visit visit) const {
        const auto ring = device() / "channels" / std::to_string(nic_->relid()) / "ring";
        const base::UniqueFd file(::open(ring.c_str(), O_RDWR));
        auto mapping = base::Mapping::map_shared(file.get(), 2 * spec_.ring).value();
        return visit(*reinterpret_cast<wire::RingPage*>(mapping.data() + spec_.ring));
    }
    std::uint32_t interrupt_mask() const {
        return with_inbound_page([](auto& page) {
            return page.interrupt_mask.load_relaxed();  // relaxed: one thread.
        });
    }
    void set_interrupt_mask(std::uint32_t value) const {
        with_inbound_page([value](auto& page) {
            page.interrupt_mask.store_relaxed(value);  // relaxed: one thread.
            return 0;
        });
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
    unsigned next_number_ = 0;
};

// conformance: connect_nic_vmbus
TEST_F(MachineNicTest, IsOfferedWithItsRing) {
    EXPECT_TRUE(
        std::filesystem::exists(device() / "channels" / std::to_string(nic_->relid()) / "ring"));
}

TEST_F(MachineNicTest, OpenMasksTheChannelOnOlderKernelsOnly) {
    for (const auto& [kernel, mask] : {std::pair{"6.1", 1U}, {"6.16", 1U}, {"6.18", 0U}}) {
        offer(kernel);
        EXPECT_EQ(nic_->opened(::getpid()), 0);
        EXPECT_TRUE(nic_->nic().is_open());
        EXPECT_EQ(interrupt_mask(), mask) << kernel;
    }
}

TEST_F(MachineNicTest, AReopenFindsAStaleMaskWhereTheKernelLeavesIt) {
    offer("6.18");
    nic_->opened(::getpid());
    set_interrupt_mask(1);
    nic_->closed();
    nic_->opened(::getpid());
    EXPECT_EQ(interrupt_mask(), 1U);
}

TEST_F(MachineNicTest, AnInterruptMasksItsChannelOnOlderKernelsOnly) {
    for (const auto& [kernel, mask] : {std::pair{"6.16", 1U}, {"6.1.156", 0U}, {"6.18", 0U}}) {
        offer(kernel);
        nic_->opened(::getpid());
        set_interrupt_mask(0);
        nic_->raise(0);
        EXPECT_EQ(interrupt_mask(), mask) << kernel;
    }
}

TEST_F(MachineNicTest, ASubchannelsInterruptIsTheEndOfOlderKernelsAndIsSaidOnce) {
    for (const auto& [kernel, panics] : {std::pair{"6.1", true}, {"6.1.159", false}}) {
        offer(kernel);
        nic_->opened(::getpid());
        nic_->raise(0);
        EXPECT_EQ(nic_->take_error(), "");
        nic_->raise(1);
        EXPECT_EQ(nic_->take_error().find("Linux 6.1 would have panicked") != std::string::npos,
                  panics);
        nic_->raise(1);
        EXPECT_EQ(nic_->take_error(), "");
    }
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

TEST_F(MachineNicTest, AWriteSignalsAChannelWithoutAMonitorBitSince6_10) {
    offer("6.12", ",monitor=off");
    nic_->opened(::getpid());
    nic_->control(1);
    EXPECT_EQ(signals(), 1U);
    nic_->control(0);
    EXPECT_EQ(signals(), 1U);
}

TEST_F(MachineNicTest, AKernelThatNeedsAMonitorBitDoesNotBindWithoutOne) {
    offer("6.1", ",monitor=off");
    EXPECT_FALSE(nic_->bound());
    EXPECT_TRUE(std::filesystem::exists(device() / "class_id"));
    EXPECT_FALSE(std::filesystem::exists(device() / "uio"));
    EXPECT_FALSE(std::filesystem::exists(device() / "driver"));
    EXPECT_FALSE(std::filesystem::exists(tree_.socket_path(1)));
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
