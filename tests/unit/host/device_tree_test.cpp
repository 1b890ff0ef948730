#include "host/device_tree.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace {

using namespace vmbus::host;
namespace fs = std::filesystem;

constexpr char kInstance[] = "a2000000-0000-4000-8000-000000000001";

class DeviceTreeTest : public testing::Test {
protected:
    DeviceTreeTest() {
        nic_.instance = kInstance;
        nic_.number = 4;
        nic_.primary = {.relid = 11, .subchannel_index = 0, .monitor_id = 33, .cpu = 1};
        nic_.maps = {{{"txrx_rings", 0x400000},
                      {"int_page", 0x1000},
                      {"monitor_page", 0x1000},
                      {"recv:925200", 0x1f00000},
                      {"send:925201", 0xf00000}}};
    }
    ~DeviceTreeTest() override { fs::remove_all(tree_.root()); }

    fs::path at(const std::string& path) const { return tree_.root() + path; }
    fs::path device(const std::string& path) const {
        return at("/sys/bus/vmbus/devices/") / kInstance / path;
    }
    static std::string text(const fs::path& path) {
        std::ostringstream out;
        out << std::ifstream(path).rdbuf();
        return out.str();
    }

    DeviceTree tree_ = DeviceTree::create().value();
    NicNode nic_;
};

TEST_F(DeviceTreeTest, RootIsPrivateAndCanonical) {
    struct stat state {};
    ASSERT_EQ(stat(tree_.root().c_str(), &state), 0);
    EXPECT_EQ(state.st_mode & 0777U, 0700U);
    EXPECT_EQ(fs::canonical(tree_.root()), tree_.root());
}

// conformance: build_nic
TEST_F(DeviceTreeTest, AttributesHaveTheKernelsForm) {
    ASSERT_EQ(tree_.add_nic(nic_), 0);
    EXPECT_EQ(text(device("class_id")), "{f8615163-df3e-46c5-913f-f2d2f965ed0e}\n");
    EXPECT_EQ(text(device("device_id")), "{" + std::string(kInstance) + "}\n");
    EXPECT_EQ(text(device("id")), "11\n");
    EXPECT_EQ(text(device("monitor_id")), "33\n");
    EXPECT_EQ(text(device("numa_node")), "0\n");
    EXPECT_EQ(text(device("state")), "0\n");
    EXPECT_EQ(text(device("vendor")) + text(device("device")), "0x1414\n0x3\n");
    EXPECT_EQ(text(device("channel_vp_mapping")), "11:1\n");
    EXPECT_EQ(text(device("channels/11/subchannel_id")), "0\n");
    EXPECT_EQ(text(device("channels/11/monitor_id")), "33\n");
}

TEST_F(DeviceTreeTest, MapsHaveTheKernelsForm) {
    ASSERT_EQ(tree_.add_nic(nic_), 0);
    EXPECT_EQ(text(device("uio/uio4/name")), "uio_hv_generic\n");
    EXPECT_EQ(text(device("uio/uio4/dev")), "240:4\n");
    EXPECT_EQ(text(device("uio/uio4/maps/map3/name")), "recv:925200\n");
    EXPECT_EQ(text(device("uio/uio4/maps/map3/size")), "0x0000000001f00000\n");
    EXPECT_EQ(text(device("uio/uio4/maps/map0/offset")), "0x0\n");
}

// conformance: connect_nic_vmbus
TEST_F(DeviceTreeTest, ClassAndDriverLinksLeadToTheDevice) {
    ASSERT_EQ(tree_.add_nic(nic_), 0);
    EXPECT_EQ(fs::canonical(at("/sys/class/uio/uio4")), device("uio/uio4"));
    EXPECT_EQ(fs::canonical(at("/sys/class/uio/uio4/device")), device("").parent_path());
    EXPECT_EQ(fs::read_symlink(device("driver")).filename(), "uio_hv_generic");
    EXPECT_EQ(fs::canonical(at("/sys/bus/vmbus/drivers/uio_hv_generic") / kInstance),
              device("").parent_path());
}

TEST_F(DeviceTreeTest, NicWithoutMonitorHasNoMonitorAttributes) {
    nic_.primary.monitor_id.reset();
    ASSERT_EQ(tree_.add_nic(nic_), 0);
    EXPECT_FALSE(fs::exists(device("monitor_id")));
    EXPECT_FALSE(fs::exists(device("channels/11/monitor_id")));
}

TEST_F(DeviceTreeTest, RingIsAnotherNameOfTheMemory) {
    ASSERT_EQ(tree_.add_nic(nic_), 0);
    ASSERT_TRUE(tree_.create_memory("nic4.map0", 0x400000).ok());
    EXPECT_FALSE(fs::exists(device("channels/11/ring")));
    ASSERT_EQ(tree_.expose_ring(nic_, 11, "nic4.map0"), 0);
    EXPECT_EQ(fs::file_size(device("channels/11/ring")), 0x400000U);
    EXPECT_TRUE(fs::equivalent(device("channels/11/ring"), at("/mem/nic4.map0")));
}

TEST_F(DeviceTreeTest, MemoryIsSparse) {
    ASSERT_TRUE(tree_.create_memory("nic4.map3", 0x1f00000).ok());
    struct stat state {};
    ASSERT_EQ(stat(at("/mem/nic4.map3").c_str(), &state), 0);
    EXPECT_EQ(state.st_size, 0x1f00000);
    EXPECT_EQ(state.st_blocks, 0);
    EXPECT_EQ(tree_.create_memory("nic4.map3", 1).error(), EEXIST);
}

TEST_F(DeviceTreeTest, SubchannelsComeAndGo) {
    ASSERT_EQ(tree_.add_nic(nic_), 0);
    ASSERT_EQ(tree_.add_channel(nic_, {.relid = 12, .subchannel_index = 1, .monitor_id = {}}), 0);
    EXPECT_EQ(text(device("channels/12/subchannel_id")), "1\n");
    ASSERT_EQ(tree_.remove_channel(nic_, 12), 0);
    EXPECT_FALSE(fs::exists(device("channels/12")));
    EXPECT_TRUE(fs::exists(device("channels/11")));
}

TEST_F(DeviceTreeTest, StateAndMappingChangeInPlace) {
    ASSERT_EQ(tree_.add_nic(nic_), 0);
    EXPECT_EQ(tree_.set_state(nic_, 3), 0);
    EXPECT_EQ(tree_.set_channel_mapping(nic_, "11:1\n12:0\n"), 0);
    EXPECT_EQ(text(device("state")), "3\n");
    EXPECT_EQ(text(device("channel_vp_mapping")), "11:1\n12:0\n");
}

TEST_F(DeviceTreeTest, RemovedNicLeavesNothingBehind) {
    ASSERT_EQ(tree_.add_nic(nic_), 0);
    ASSERT_EQ(tree_.remove_nic(nic_), 0);
    EXPECT_TRUE(fs::is_empty(at("/sys/bus/vmbus/devices")));
    EXPECT_TRUE(fs::is_empty(at("/sys/bus/vmbus/drivers/uio_hv_generic")));
    EXPECT_TRUE(fs::is_empty(at("/sys/class/uio")));
    EXPECT_TRUE(fs::is_empty(at("/aside")));
    EXPECT_EQ(tree_.add_nic(nic_), 0) << "it can be offered again";
}

}  // namespace
