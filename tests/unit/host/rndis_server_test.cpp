#include "host/rndis_server.hpp"

#include <gtest/gtest.h>

#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Violation;
using support::Guest;
using support::Message;
using wire::NvspStatus;
using wire::Oid;
using wire::RndisStatus;

/// A guest past INITIALIZE.
class RndisServer : public testing::Test {
protected:
    void SetUp() override { guest.start(); }
    std::optional<NvspStatus> send(const Message& message) {
        guest.send_control(message, 5);
        guest.run();
        return guest.status(5);
    }
    template <class Encode>
    static Message encoded(Encode encode) {
        Message message(256);
        message.resize(encode(base::MutableBytes(message)));
        return message;
    }
    Guest guest;
};

// conformance: initialize_rndis
TEST_F(RndisServer, AnnouncesWhatHostsAnnounce) {
    guest.open();
    guest.handshake();
    send(encoded([](auto out) { return codec::encode_initialize(out, 3, 0x4000); }));
    codec::Completion reply;
    ASSERT_EQ(codec::decode_completion(guest.control_message().value(), reply),
              codec::RndisError::kNone);
    EXPECT_EQ(reply.initialize.max_packets_per_message, 8U);
    EXPECT_EQ(reply.initialize.max_transfer_size, 0xEFFFFFFFU);
    EXPECT_EQ(reply.initialize.packet_alignment_factor, 3U);
    EXPECT_EQ(reply.initialize.device_flags, 1U);
    EXPECT_EQ(reply.initialize.major, 1U);
}

TEST_F(RndisServer, RefusesSecondInitialize) {
    const auto again = encoded([](auto out) { return codec::encode_initialize(out, 3, 0x4000); });
    EXPECT_EQ(send(again), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kControlRepeatedInitialize), 1U);
}

TEST_F(RndisServer, AnswersKeepalive) {
    EXPECT_EQ(send(encoded([](auto out) { return codec::encode_keepalive(out, 77); })),
              NvspStatus::kSuccess);
    codec::Completion reply;
    ASSERT_EQ(codec::decode_completion(guest.control_message().value(), reply),
              codec::RndisError::kNone);
    EXPECT_EQ(reply.type, wire::RndisType::kKeepaliveComplete);
    EXPECT_EQ(reply.request_id, 77U);
}

TEST_F(RndisServer, HaltHasNoAnswerAndEndsDelivery) {
    EXPECT_EQ(send(encoded([](auto out) { return codec::encode_halt(out, 1); })),
              NvspStatus::kSuccess);
    EXPECT_FALSE(guest.control_message());
    EXPECT_FALSE(guest.nic().is_receiving());
    EXPECT_EQ(guest.port.filter, 0U);
}

// conformance: link_status_update
TEST_F(RndisServer, AnswersTravelInFirstSixteenPieces) {
    for (std::uint64_t i = 0; i < 20; ++i) {
        send(encoded([](auto out) { return codec::encode_keepalive(out, 1); }));
    }
    ASSERT_EQ(guest.inbox.size(), 16U);
    for (std::uint64_t i = 0; i < 16; ++i) EXPECT_LT(guest.inbox[i].id, 16U);
    EXPECT_EQ(guest.inbox[0].ranges.at(0).byte_count, sizeof(wire::RndisSetComplete));
    guest.give_back(guest.inbox[3].id);
    guest.run();
    EXPECT_EQ(guest.inbox.size(), 17U);
}

TEST_F(RndisServer, RefusesRequestsWhenTooManyAnswersWait) {
    std::optional<NvspStatus> last;
    for (int i = 0; i < 100; ++i) {
        last = send(encoded([](auto out) { return codec::encode_keepalive(out, 1); }));
    }
    EXPECT_EQ(last, NvspStatus::kFailure);
    EXPECT_EQ(guest.nic().violations().total(), 0U);
}

// conformance: send_rndis_reset_message
// conformance: send_rndis_indicate_status_message
// conformance: send_rndis_set_ex_message
TEST_F(RndisServer, SurvivesTypesThatNoHostTakes) {
    std::array<std::byte, 64> message{};
    for (const std::uint32_t type : {6U, 7U, 9U}) {
        base::store_at(message, 0, wire::RndisHeader{type, sizeof message});
        guest.send_control(message, 5);
        guest.run();
        EXPECT_EQ(guest.status(5), NvspStatus::kFailure) << type;
    }
    EXPECT_EQ(guest.broken(Violation::kControlUnknownType), 3U);
    Message info;
    EXPECT_EQ(guest.query(Oid::kLinkSpeed, info), RndisStatus::kSuccess);
}

TEST_F(RndisServer, CountsWhatPassedBothWays) {
    guest.port.to_deliver.push_back(support::frame(60));
    guest.send_section(0, support::data_message(support::frame(100)), 5);
    guest.run();
    guest.inbox.clear();
    Message info;
    EXPECT_EQ(guest.query(Oid::kBytesTransmitted, info), RndisStatus::kSuccess);
    EXPECT_EQ(base::load_at<std::uint64_t>(info, 0), 100U);
    EXPECT_EQ(guest.query(Oid::kReceiveOk, info), RndisStatus::kSuccess);
    EXPECT_EQ(base::load_at<std::uint32_t>(info, 0), 1U);
}

TEST_F(RndisServer, RefusesMalformedRequests) {
    const auto spoiled = [](std::size_t field, std::uint32_t value) {
        auto message =
            encoded([](auto out) { return codec::encode_query(out, 1, Oid::kLinkSpeed); });
        base::store_at(message, field, value);
        return message;
    };
    EXPECT_EQ(send(spoiled(4, 9)), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kControlShort), 1U);
    EXPECT_EQ(send(spoiled(4, 1000)), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kControlBadLength), 1U);
    EXPECT_EQ(send(spoiled(16, 4)), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kControlBadInfo), 1U);
    for (const std::uint32_t type : {6U, 7U, 9U, 0x80000002U}) {
        EXPECT_EQ(send(spoiled(0, type)), NvspStatus::kFailure);
    }
    EXPECT_EQ(guest.broken(Violation::kControlUnknownType), 4U);
    EXPECT_EQ(send(Message(wire::kMaxRndisControl + 1)), NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kControlTooLarge), 1U);
}

TEST_F(RndisServer, RefusesUnknownOids) {
    Message info;
    EXPECT_EQ(guest.query(Oid{0x12345678}, info), RndisStatus::kNotSupported);
    EXPECT_EQ(guest.set(Oid::kMulticastList, {}), RndisStatus::kNotSupported);
    EXPECT_EQ(guest.set(Oid::kNetworkLayerAddresses, {}), RndisStatus::kSuccess);
    EXPECT_EQ(guest.nic().violations().total(), 0U);
}

TEST_F(RndisServer, RecordsShortSetBuffers) {
    EXPECT_EQ(guest.set(Oid::kCurrentPacketFilter, support::text("abc")), RndisStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kOidShortBuffer), 1U);
}

TEST_F(RndisServer, IndicatesOffloadChange) {
    wire::NdisOffloadParameters wanted{};
    wanted.header = {wire::kNdisObjectDefault, 1, sizeof wanted};
    wanted.tcp_ipv4_checksum = 1;
    EXPECT_EQ(guest.set(Oid::kOffloadParameters, base::bytes_of(wanted)), RndisStatus::kSuccess);
    const auto message = guest.control_message().value();
    codec::StatusIndication indication;
    ASSERT_EQ(codec::decode_indicate_status(message, indication), codec::RndisError::kNone);
    EXPECT_EQ(indication.status, RndisStatus::kOffloadCurrentConfig);
    EXPECT_EQ(message.size(), 176U);
    EXPECT_EQ(base::load_at<wire::NdisOffload>(indication.info, 0).checksum.ipv4_tx_flags & 0x30,
              0U);
}

TEST_F(RndisServer, AnswersAllOidsOfTheTable) {
    struct {
        std::uint32_t oid;
        std::size_t size;
        std::optional<std::uint32_t> value;
    } constexpr kExpected[] = {
        {0x00010101, 65 * 4, 0x00010101},
        {0x00010102, 4, 0},
        {0x00010103, 4, 0},
        {0x00010104, 4, 0},
        {0x00010105, 4, 1500},
        {0x0001010F, 4, 1500},
        {0x00010106, 4, 1500},
        {0x00010111, 4, 1514},
        {0x0001010A, 4, 1514},
        {0x0001010B, 4, 1514},
        {0x00010107, 4, 100000000},
        {0x00010108, 4, 262144},
        {0x00010109, 4, 262144},
        {0x0001010C, 4, 0x155D},
        {0x0001010D, 21, std::nullopt},
        {0x00010116, 2, std::nullopt},
        {0x00010110, 2, std::nullopt},
        {0x0001010E, 4, 0x2D},
        {0x00010113, 4, 0x24D},
        {0x00010114, 4, 0},
        {0x00010115, 4, 0xFFFFFFFF},
        {0x00020216, 512, 'N' | 'e' << 16},
        {0x01010101, 6, 0},
        {0x01010102, 6, 0},
        {0x01010104, 4, 0},
        {0x01020101, 4, 0},
        {0x01020102, 4, 0},
        {0x01020103, 4, 0},
        {0x00010207, 40, 0x00280180},
        {0x00010206, 16, 10000000000 & 0xFFFFFFFF},
        {0xFC01020D, 156, 0x009C03A7},
        {0xFC01020B, 156, 0x009C03A7},
        {0x0101010A, 28, 0x001C01A8},
        {0x00010203, 18, 0x00120288},
    };
    for (const auto& expected : kExpected) {
        Message info;
        EXPECT_EQ(guest.query(Oid{expected.oid}, info), RndisStatus::kSuccess)
            << std::hex << expected.oid;
        EXPECT_EQ(info.size(), expected.size) << std::hex << expected.oid;
        if (expected.value) {
            EXPECT_EQ(base::load_at<std::uint32_t>(info, 0), *expected.value)
                << std::hex << expected.oid;
        }
    }
}

}  // namespace
}  // namespace vmbus
