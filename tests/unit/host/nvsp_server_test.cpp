#include "host/nvsp_server.hpp"

#include <gtest/gtest.h>

#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Violation;
using support::Guest;
using support::Message;
using support::nvsp;
using wire::NvspStatus;
using wire::NvspType;
using wire::NvspVersion;

constexpr std::uint32_t number(NvspType type) {
    return static_cast<std::uint32_t>(type);
}

Message ndis_version() {
    return nvsp(wire::NvspSendNdisVersion{number(NvspType::kSendNdisVersion), 6, 30});
}
Message ndis_config(std::uint32_t mtu) {
    return nvsp(wire::NvspSendNdisConfig{number(NvspType::kSendNdisConfig), mtu, 0, 8, 0});
}
Message receive_buffer(std::uint32_t gpadl = Guest::kReceiveGpadl) {
    return nvsp(
        wire::NvspSendReceiveBuffer{number(NvspType::kSendReceiveBuffer), gpadl, 0xCAFE, 0});
}
Message send_buffer(std::uint32_t gpadl = Guest::kSendGpadl) {
    return nvsp(wire::NvspSendSendBuffer{number(NvspType::kSendSendBuffer), gpadl, 0, 0});
}
Message sub_channels(std::uint32_t operation, std::uint32_t count) {
    return nvsp(wire::NvspSubChannelRequest{number(NvspType::kSubChannel), operation, count});
}

class EveryVersion : public testing::TestWithParam<NvspVersion> {};
INSTANTIATE_TEST_SUITE_P(NvspServer, EveryVersion, testing::ValuesIn(wire::kNvspVersions));

// conformance: send_initial_handshake
// conformance: initialize_nic
TEST_P(EveryVersion, ShakesHandsWithoutViolation) {
    Guest guest;
    guest.start(GetParam());
    EXPECT_EQ(guest.nic().violations().total(), 0U);
    EXPECT_EQ(guest.nic().counters().nvsp_version, static_cast<std::uint32_t>(GetParam()));
}

// conformance: new_worker_with_v5_uses_v1_packet_size
// conformance: new_worker_with_v61_uses_v61_packet_size
TEST_P(EveryVersion, HasItsMessageSize) {
    Guest guest;
    guest.start(GetParam());
    guest.send_section(0, support::data_message(support::frame(60)), 5);
    guest.run();
    EXPECT_EQ(guest.completion(5)->size(), GetParam() == NvspVersion::kV61 ? 40U : 32U);
}

// conformance: new_worker_without_negotiated_version_uses_v1_packet_size
TEST_P(EveryVersion, InitCompleteHasOldSize) {
    Guest guest;
    guest.open();
    const auto version = static_cast<std::uint32_t>(GetParam());
    guest.send_nvsp(nvsp(wire::NvspInit{number(NvspType::kInit), version, version}), 9);
    guest.run();
    const auto reply = guest.completion(9).value();
    ASSERT_EQ(reply.size(), 32U);
    const auto message = base::load_at<wire::NvspInitComplete>(reply, 0);
    EXPECT_EQ(message.negotiated_version, GetParam() == NvspVersion::kV1 ? 2U : UINT32_MAX);
    EXPECT_EQ(message.max_mdl_chain_length, 34U);
}

TEST(NvspServer, LetsGuestTryOlderVersion) {
    host::NicSpec spec;
    spec.nvsp = NvspVersion::kV4;
    Guest guest({.spec = spec});
    guest.open();
    EXPECT_EQ(guest.init(NvspVersion::kV61), NvspStatus::kNone);
    EXPECT_EQ(guest.init(NvspVersion{0x00030003}), NvspStatus::kNone);
    EXPECT_EQ(guest.init(NvspVersion::kV4), NvspStatus::kSuccess);
    EXPECT_EQ(guest.nic().violations().total(), 0U);
}

/// A guest that has agreed on a version.
class NvspHandshake : public testing::Test {
protected:
    void SetUp() override {
        guest.open();
        ASSERT_EQ(guest.init(NvspVersion::kV5), NvspStatus::kSuccess);
    }
    std::optional<NvspStatus> ask(const Message& message) {
        guest.send_nvsp(message, 7);
        guest.run();
        return guest.status(7);
    }
    Guest guest;
};

TEST_F(NvspHandshake, CutsReceiveBufferByMtu) {
    ask(ndis_config(9014));
    guest.send_nvsp(receive_buffer(), 7);
    guest.run();
    const auto reply = base::load_at<wire::NvspSendReceiveBufferComplete>(*guest.completion(7), 0);
    EXPECT_EQ(reply.sub_allocation_size, 256U + 9014 + 36);
    EXPECT_EQ(reply.num_sub_allocations, 256U * 1024 / (256 + 9014 + 36));
    EXPECT_EQ(reply.num_sections, 1U);
    EXPECT_EQ(reply.end_offset, reply.sub_allocation_size * reply.num_sub_allocations);
}

// conformance: overflowing_mtu_returns_error
TEST_F(NvspHandshake, TakesMtuOutOfBoundsForDefault) {
    for (const std::uint32_t mtu : {0U, 1513U, 9217U}) {
        guest.open();
        guest.init(NvspVersion::kV5);
        ask(ndis_config(mtu));
        EXPECT_EQ(guest.nic().counters().guest_mtu, 1514U) << mtu;
    }
}

TEST_F(NvspHandshake, CompletesConfigWithoutPayloadWhenAsked) {
    guest.send_nvsp(ndis_config(1514), 7);
    guest.send_nvsp(ndis_version(), 8);
    guest.run();
    EXPECT_EQ(guest.completion(7)->size(), 0U);
    EXPECT_EQ(guest.completion(8)->size(), 0U);
}

TEST_F(NvspHandshake, SendSectionsHave6144Bytes) {
    guest.send_nvsp(send_buffer(), 7);
    guest.run();
    const auto reply = base::load_at<wire::NvspSendSendBufferComplete>(*guest.completion(7), 0);
    EXPECT_EQ(reply.section_size, 6144U);
}

TEST_F(NvspHandshake, RefusesReceiveBufferBeforeConfig) {
    EXPECT_EQ(ask(receive_buffer()), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kNvspWrongOrder), 1U);
}

TEST_F(NvspHandshake, RefusesSecondOfEach) {
    ask(ndis_config(1514));
    ask(ndis_version());
    EXPECT_EQ(ask(receive_buffer()), NvspStatus::kSuccess);
    ask(ndis_config(1514));
    ask(ndis_version());
    EXPECT_EQ(ask(receive_buffer()), NvspStatus::kFailure);
    EXPECT_EQ(guest.init(NvspVersion::kV5), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kNvspRepeated), 4U);
}

TEST_F(NvspHandshake, RefusesUnknownGpadls) {
    ask(ndis_config(1514));
    EXPECT_EQ(ask(receive_buffer(77)), NvspStatus::kFailure);
    EXPECT_EQ(ask(send_buffer(77)), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kNvspUnknownGpadl), 2U);
    EXPECT_EQ(ask(receive_buffer()), NvspStatus::kSuccess);
}

// conformance: initialize_rndis_no_sendbuffer_no_recvbuffer
TEST_F(NvspHandshake, RefusesRndisBeforeItIsReady) {
    guest.send_control(support::text("whatever"), 7);
    guest.run();
    EXPECT_EQ(guest.status(7), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kNvspWrongOrder), 1U);
}

TEST_F(NvspHandshake, RecordsTypesOfLaterVersions) {
    guest.open();
    guest.init(NvspVersion::kV1);
    guest.send_nvsp(ndis_config(1514), 7);
    guest.send_nvsp(sub_channels(1, 0), 8);
    guest.send_nvsp(nvsp(wire::NvspHeader{130}), 9);
    guest.run();
    EXPECT_EQ(guest.broken(Violation::kNvspUnknownType), 3U);
}

TEST_F(NvspHandshake, RecordsShortMessages) {
    const auto message = receive_buffer();
    guest.send_nvsp(base::Bytes(message).first(8), 7);
    guest.send_nvsp({}, 8);
    guest.run();
    EXPECT_EQ(guest.status(7), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kNvspShortMessage), 2U);
}

TEST_F(NvspHandshake, RecordsRequestWithoutCompletionFlag) {
    guest.send_nvsp(send_buffer(), 7, false);
    guest.run();
    EXPECT_EQ(guest.broken(Violation::kMissingCompletionFlag), 1U);
    EXPECT_FALSE(guest.completion(7));
}

TEST(NvspServer, RefusesAllButInitFirst) {
    Guest guest;
    guest.open();
    guest.send_nvsp(send_buffer(), 7);
    guest.send_nvsp(ndis_version(), 8);
    guest.run();
    EXPECT_EQ(guest.status(7), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kNvspWrongOrder), 2U);
}

TEST(NvspServer, RefusesReceiveBufferForLessThanSeventeenPieces) {
    Guest guest({.receive = 16 * 1806 + 1805});
    guest.open();
    guest.init(NvspVersion::kV1);
    guest.send_nvsp(receive_buffer(), 7);
    guest.run();
    EXPECT_EQ(guest.status(7), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kNvspBufferTooSmall), 1U);
}

// conformance: new_worker_without_negotiated_version_uses_v1_packet_size
TEST(NvspServer, AnswersInOldSizeBeforeAVersionIsAgreedOn) {
    Guest guest;
    guest.open();
    guest.send_nvsp(sub_channels(1, 1), 7);
    guest.run();
    EXPECT_EQ(guest.completion(7)->size(), 32U);
}

TEST(NvspServer, RemembersWhatTheGuestKnows) {
    Guest guest;
    guest.capabilities = wire::kNvspCapRsc | wire::kNvspCapTeaming;
    guest.start();
    EXPECT_EQ(guest.nic().counters().guest_capabilities, 0xA0U);
}

// conformance: initialize_rndis_no_sendbuffer_no_recvbuffer
TEST_F(NvspHandshake, DoesNotTalkRndisWithoutAnyBuffer) {
    guest.send_nvsp(ndis_version(), 0, false);
    Message initialise(64);
    initialise.resize(codec::encode_initialize(initialise, 7, 0x4000));
    guest.send_pages({initialise}, 8);
    guest.run();
    EXPECT_EQ(guest.status(8), NvspStatus::kFailure);
    EXPECT_FALSE(guest.control_message());
}

// conformance: initialize_rndis_no_sendbuffer
TEST(NvspServer, WorksWithoutSendBuffer) {
    Guest guest;
    guest.open();
    guest.init(NvspVersion::kV1);
    guest.send_nvsp(ndis_version(), 0, false);
    guest.send_nvsp(receive_buffer(), 7);
    Message initialise(64);
    initialise.resize(codec::encode_initialize(initialise, 7, 0x4000));
    guest.send_pages({initialise}, 8);
    guest.run();
    EXPECT_EQ(guest.status(8), NvspStatus::kSuccess);
    EXPECT_TRUE(guest.control_message());
    guest.send_section(0, initialise, 9);
    guest.run();
    EXPECT_EQ(guest.status(9), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kBadSectionIndex), 1U);
}

TEST(NvspServer, GrantsSubChannels) {
    Guest guest;
    guest.start();
    guest.send_nvsp(sub_channels(1, 7), 7);
    guest.run();
    const auto reply = base::load_at<wire::NvspSubChannelComplete>(*guest.completion(7), 0);
    EXPECT_EQ(reply.type, number(NvspType::kSubChannel));
    EXPECT_EQ(reply.status, static_cast<std::uint32_t>(NvspStatus::kSuccess));
    EXPECT_EQ(reply.count, 7U);
    EXPECT_EQ(guest.nic().granted(), 8U);
}

// conformance: subchannel_request_equal_to_max_queues_rejected
TEST(NvspServer, RefusesASubChannelRequestEqualToMaxQueues) {
    Guest guest;
    guest.start();
    EXPECT_EQ(guest.request_channels(8), NvspStatus::kFailure);
    EXPECT_EQ(guest.request_channels(UINT32_MAX), NvspStatus::kFailure);
    EXPECT_EQ(guest.request_channels(7, 2), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kNvspBadSubChannelRequest), 1U);
    EXPECT_EQ(guest.nic().granted(), 1U);
}

TEST(NvspServer, RefusesMoreChannelsThanThereAreReceiveBuffers) {
    Guest guest({.receive = (16 + 4) * 1806});
    guest.start();
    EXPECT_EQ(guest.request_channels(4), NvspStatus::kFailure);
    EXPECT_EQ(guest.request_channels(3), NvspStatus::kSuccess);
}

TEST(NvspServer, TakesNoChannelAwayFromWhoAsksForFewer) {
    Guest guest;
    guest.start();
    EXPECT_EQ(guest.request_channels(5), NvspStatus::kSuccess);
    EXPECT_EQ(guest.request_channels(2), NvspStatus::kSuccess);
    EXPECT_EQ(guest.request_channels(0), NvspStatus::kSuccess);
    EXPECT_EQ(guest.nic().granted(), 6U);
}

TEST(NvspServer, AnswersDataPathSwitchAndOidQueryEx) {
    Guest guest;
    guest.start();
    guest.send_nvsp(nvsp(wire::NvspSwitchDataPath{number(NvspType::kSwitchDataPath), 1}), 7);
    guest.send_nvsp(nvsp(wire::NvspInit{number(NvspType::kOidQueryEx), 0, 0}), 8);
    guest.run();
    EXPECT_EQ(guest.completion(7)->size(), 0U);
    const auto reply = base::load_at<wire::NvspOidQueryExComplete>(*guest.completion(8), 0);
    EXPECT_EQ(reply.type, number(NvspType::kOidQueryExComplete));
    EXPECT_EQ(reply.status, 0xC00000BBU);
}

TEST(NvspServer, StopsAtRevoke) {
    Guest guest;
    guest.start();
    guest.send_nvsp(nvsp(wire::NvspRevokeBuffer{number(NvspType::kRevokeReceiveBuffer), 0xCAFE, 0}),
                    7);
    guest.send_nvsp(nvsp(wire::NvspRevokeBuffer{number(NvspType::kRevokeSendBuffer), 0, 0}), 8);
    guest.port.to_deliver.push_back(support::frame(60));
    guest.run();
    EXPECT_TRUE(guest.inbox.empty());
    EXPECT_EQ(guest.nic().violations().total(), 0U);
    guest.send_section(0, support::data_message(support::frame(60)), 9);
    guest.run();
    EXPECT_EQ(guest.status(9), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kNvspAfterRevoke), 1U);
}

}  // namespace
}  // namespace vmbus
