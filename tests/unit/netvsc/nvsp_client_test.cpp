#include "net/netvsc/control/nvsp_client.hpp"

#include <gtest/gtest.h>

#include "rig.hpp"

namespace vmbus::netvsc::test {
namespace {

struct NvspClientTest : testing::Test {
    Rig rig;
    Link link{rig};
    ScriptedHost host{rig};
    NvspClient client{link.control};

    base::Result<codec::ReceiveLayout> share_receive() {
        return client.share_receive_buffer(kReceiveGpadl, rig.receive.size());
    }
    base::Result<NvspClient::SendLayout> share_send() {
        return client.share_send_buffer(kSendGpadl, rig.send.size());
    }
};

TEST_F(NvspClientTest, TakesTheNewestVersionFirst) {
    host.start();
    ASSERT_EQ(client.negotiate(), 0);
    EXPECT_EQ(client.version(), wire::NvspVersion::kV61);
}

// row: nvsp_versions
TEST_F(NvspClientTest, GoesDownToWhatTheHostAccepts) {
    host.newest = wire::NvspVersion::kV2;
    host.start();
    ASSERT_EQ(client.negotiate(), 0);
    EXPECT_EQ(client.version(), wire::NvspVersion::kV2);
    host.stop();
    EXPECT_EQ(host.nvsp_seen.size(), 5U);
}

TEST_F(NvspClientTest, HostThatAcceptsNoneIsRefused) {
    host.newest = wire::NvspVersion{1};
    host.start();
    EXPECT_EQ(client.negotiate(), -EPROTONOSUPPORT);
}

TEST_F(NvspClientTest, ShortOrWrongAnswerIsRefused) {
    for (const Message& reply : {Message{}, Message(8), nvsp(wire::NvspHeader{.type = 102})}) {
        host.init_reply = reply;
        host.start();
        EXPECT_EQ(client.negotiate(), -EPROTO);
        host.stop();
    }
}

TEST_F(NvspClientTest, SilentHostTimesOut) {
    link.deadlines = kImpatient;
    EXPECT_EQ(client.negotiate(), -ETIMEDOUT);
}

// row: ndis_config
TEST_F(NvspClientTest, FirstVersionHasNoConfiguration) {
    host.newest = wire::NvspVersion::kV1;
    host.start();
    ASSERT_EQ(client.negotiate(), 0);
    EXPECT_EQ(client.announce(1514), 0);
    EXPECT_TRUE(link.control.drain(std::chrono::seconds(5)));
    host.stop();
    EXPECT_EQ(host.nvsp_seen.back(), wire::NvspType::kSendNdisVersion);
    EXPECT_EQ(host.announced_mtu, 0U);
}

// row: ndis_config
TEST_F(NvspClientTest, TakesVirtualFunctionsUnlessItIsToldNotTo) {
    std::vector<std::uint32_t> said;
    host.instead = [&](HostEnd&, const ring::PacketView& view) {
        const auto config = view.payload<wire::NvspSendNdisConfig>();
        if (config && config->type == raw(wire::NvspType::kSendNdisConfig)) {
            said.push_back(config->capabilities_low & wire::kNvspCapSriov);
        }
        return false;
    };
    host.start();
    ASSERT_EQ(client.negotiate(), 0);
    EXPECT_EQ(client.announce(1514), 0);
    EXPECT_EQ(client.announce(1514, false), 0);
    EXPECT_TRUE(link.control.drain(std::chrono::seconds(5)));
    host.stop();
    EXPECT_EQ(said, (std::vector<std::uint32_t>{wire::kNvspCapSriov, 0}));
}

TEST_F(NvspClientTest, DataPathIsSwitchedWhenTheHostHasCompletedIt) {
    std::vector<std::uint32_t> paths;
    host.instead = [&](HostEnd& end, const ring::PacketView& view) {
        const auto request = view.payload<wire::NvspSwitchDataPath>();
        const bool is = request && request->type == raw(wire::NvspType::kSwitchDataPath);
        if (is) {
            paths.push_back(request->active_path);
            end.complete(view.transaction_id(), {});
        }
        return is;
    };
    host.start();
    ASSERT_EQ(client.negotiate(), 0);
    EXPECT_EQ(client.switch_data_path(wire::kVfPath), 0);
    EXPECT_EQ(client.switch_data_path(wire::kSyntheticPath), 0);
    host.stop();
    EXPECT_EQ(paths, (std::vector{wire::kVfPath, wire::kSyntheticPath}));
}

// defect: 4.4-13 association note during an NVSP command
TEST_F(NvspClientTest, AssociationInTheMiddleOfACommandDoesNotDisturbIt) {
    host.instead = [&](HostEnd& end, const ring::PacketView&) {
        end.put({.payload = base::bytes_of(
                     wire::NvspSendVfAssociation{raw(wire::NvspType::kSendVfAssociation), 1, 7})});
        return false;
    };
    host.start();
    ASSERT_EQ(client.negotiate(), 0);
    EXPECT_EQ(link.inbound.vf_news().offer().serial, 7U);
}

TEST_F(NvspClientTest, HostThatDoesNotSwitchTimesOut) {
    host.instead = [](HostEnd&, const ring::PacketView& view) {
        return view.payload<wire::NvspHeader>()->type == raw(wire::NvspType::kSwitchDataPath);
    };
    host.start();
    ASSERT_EQ(client.negotiate(), 0);
    link.deadlines = kImpatient;
    EXPECT_EQ(client.switch_data_path(wire::kVfPath), -ETIMEDOUT);
}

// row: receive_buffer, send_buffer
TEST_F(NvspClientTest, LearnsHowTheBuffersAreCut) {
    host.start();
    const auto receive = share_receive();
    const auto send = share_send();
    ASSERT_TRUE(receive.ok() && send.ok());
    EXPECT_EQ(receive.value().count, kPieces);
    EXPECT_EQ(send.value().sections, kSections);
}

// defect: 4.3-12 slots and sections are held against the mapping
TEST_F(NvspClientTest, NonsenseAboutBuffersIsRefused) {
    host.receive_layout.num_sub_allocations = kPieces + 1;
    host.send_layout.section_size = 0;
    host.start();
    EXPECT_EQ(share_receive().error(), EPROTO);
    EXPECT_EQ(share_send().error(), EPROTO);
}

TEST_F(NvspClientTest, OnlySharedBuffersAreRevokedAndOnlyOnce) {
    host.send_layout.status = raw(wire::NvspStatus::kFailure);
    host.start();
    ASSERT_TRUE(share_receive().ok());
    ASSERT_FALSE(share_send().ok());
    client.revoke_buffers();
    client.revoke_buffers();
    EXPECT_TRUE(link.control.drain(std::chrono::seconds(5)));
    host.stop();
    using T = wire::NvspType;
    EXPECT_EQ(host.nvsp_seen,
              (std::vector{T::kSendReceiveBuffer, T::kSendSendBuffer, T::kRevokeReceiveBuffer}));
}

}  // namespace
}  // namespace vmbus::netvsc::test
