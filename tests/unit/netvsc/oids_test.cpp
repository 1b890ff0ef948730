#include "net/netvsc/control/oids.hpp"

#include <gtest/gtest.h>

#include "rig.hpp"

namespace vmbus::netvsc::test {
namespace {

struct OidsTest : testing::Test {
    Rig rig;
    Link link{rig};
    ScriptedHost host{rig};
    RndisClient client{link.control};

    void answer(const Message& info) {
        host.answer_query = [info](std::uint32_t id, wire::Oid) {
            return rndis([&](base::MutableBytes out) {
                return codec::encode_query_complete(out, id, wire::RndisStatus::kSuccess, info);
            });
        };
        host.start();
    }
    static Message mac(std::initializer_list<unsigned> values) {
        Message info;
        for (const unsigned value : values) info.push_back(static_cast<std::byte>(value));
        return info;
    }
};

// defect: 4.4-3 promiscuous and allmulticast are independent of each other
static_assert(oids::filter_for(false, false) == 0x09);
static_assert(oids::filter_for(false, true) == 0x0D);
static_assert(oids::filter_for(true, false) == 0x29);
static_assert(oids::filter_for(true, true) == 0x2D, "each mode leaves the other's bit alone");

TEST_F(OidsTest, MacAddressIsRead) {
    answer(mac({0, 0x15, 0x5D, 1, 2, 3}));
    EXPECT_EQ(oids::mac_address(client).value(), (oids::MacAddress{0, 0x15, 0x5D, 1, 2, 3}));
}
TEST_F(OidsTest, ZeroMacIsRefused) {
    answer(mac({0, 0, 0, 0, 0, 0}));
    EXPECT_EQ(oids::mac_address(client).error(), EPROTO);
}
TEST_F(OidsTest, GroupMacIsRefused) {
    answer(mac({1, 0, 0x5E, 0, 0, 1}));
    EXPECT_EQ(oids::mac_address(client).error(), EPROTO);
}
// defect: 4.3-10 an answer without data is not success
TEST_F(OidsTest, ShortAnswerIsRefused) {
    answer(mac({2, 0, 0}));
    EXPECT_EQ(oids::mac_address(client).error(), EPROTO);
    EXPECT_EQ(oids::maximum_frame_size(client).error(), EPROTO);
}
TEST_F(OidsTest, SpeedComesInUnitsOf100Bits) {
    host.start();
    EXPECT_EQ(oids::link_speed_mbps(client).value(), 10'000U);
}
TEST_F(OidsTest, MacAddressIsSetByAParameterAndReadBack) {
    answer(mac({2, 0, 0, 0, 0, 0xAB}));
    EXPECT_EQ(oids::set_mac_address(client, {2, 0, 0, 0, 0, 0xAB}), 0);
    host.stop();
    EXPECT_EQ(host.filters, std::vector<std::uint32_t>{20}) << "the name is behind the head";
}
TEST_F(OidsTest, HostThatIgnoresTheParameterKeepsItsMac) {
    answer(mac({0, 0x15, 0x5D, 1, 2, 3}));
    EXPECT_EQ(oids::set_mac_address(client, {2, 0, 0, 0, 0, 1}), -ENOTSUP);
}
// row: set_mc_addr_list
TEST_F(OidsTest, GroupsAreSetAsAList) {
    host.start();
    const oids::MacAddress groups[] = {{1, 0, 0x5E, 0, 0, 1}, {1, 0, 0x5E, 0, 0, 2}};
    EXPECT_EQ(oids::set_multicast_list(client, groups), 0);
    host.stop();
    EXPECT_EQ(host.filters, std::vector<std::uint32_t>{0x005E0001});
}
TEST_F(OidsTest, AnythingButConnectedIsDown) {
    answer(bytes(base::bytes_of(std::uint32_t{1})));
    EXPECT_FALSE(oids::link_is_up(client).value());
}

}  // namespace
}  // namespace vmbus::netvsc::test
