#include "host/vf_server.hpp"

#include <gtest/gtest.h>

#include "support/flat_ring.hpp"
#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Outbox;
using host::VfServer;
using support::receive;

/// What the host said, one letter each: A and a for an association with and without a function, S
/// for a switch to the synthetic path; the serial behind it.
class VfServerTest : public testing::Test {
protected:
    std::string said() {
        server.flush(true, outbox);
        std::string words;
        while (const auto packet = receive(reader)) {
            EXPECT_TRUE(packet->completion_requested);
            words += words.empty() ? "" : " ";
            words += word_of(*packet);
        }
        reader.release();
        return words;
    }
    template <class Packet>
    static std::string word_of(const Packet& packet) {
        const auto type = base::load_at<std::uint32_t>(packet.payload, 0);
        if (type == static_cast<std::uint32_t>(wire::NvspType::kSwitchDataPath)) {
            EXPECT_EQ(packet.transaction_id, VfServer::kSwitchId);
            EXPECT_EQ(packet.payload.size(), 8U);
            return base::load_at<std::uint32_t>(packet.payload, 4) == 0 ? "S" : "?";
        }
        EXPECT_EQ(type, static_cast<std::uint32_t>(wire::NvspType::kSendVfAssociation));
        EXPECT_EQ(packet.transaction_id, VfServer::kAssociationId);
        return (base::load_at<std::uint32_t>(packet.payload, 4) != 0 ? "A" : "a") +
               std::to_string(base::load_at<std::uint32_t>(packet.payload, 8));
    }

    support::FlatRing ring{4096};
    support::CountingInterrupt interrupt;
    host::Counters counters;
    host::FaultEngine faults;
    host::SendBuffer sections;
    Outbox outbox{ring.view(), sections, interrupt, counters, faults};
    ring::Reader reader{ring.view(), ring::FooterCheck::kStrict};
    host::VirtualFunction vf{.present = true, .serial = 7};
    VfServer server{vf};
};

// conformance: initialize_rndis_with_vf
TEST_F(VfServerTest, OffersOnceAndSwitchesThereAndBack) {
    EXPECT_EQ(said(), "A7");
    EXPECT_EQ(said(), "");
    server.switch_path(1);
    EXPECT_TRUE(server.on_vf());
    server.switch_path(0);
    EXPECT_FALSE(server.on_vf());
    EXPECT_EQ(said(), "");
}

// conformance: initialize_rndis_with_vf_without_completion
TEST_F(VfServerTest, NeedsNoCompletionAndTakesOne) {
    said();
    server.switch_path(1);
    EXPECT_TRUE(server.on_vf());
    EXPECT_TRUE(server.completed(VfServer::kAssociationId));
    EXPECT_FALSE(server.completed(VfServer::kAssociationId));
    EXPECT_FALSE(server.completed(VfServer::kSwitchId));
    EXPECT_FALSE(server.completed(7));
}

TEST_F(VfServerTest, SaysNothingToAGuestThatMayNotKnow) {
    EXPECT_FALSE(server.flush(false, outbox));
    EXPECT_FALSE(receive(reader));
}

TEST_F(VfServerTest, WithoutAFunctionThereIsNothingToSay) {
    vf.present = false;
    EXPECT_EQ(said(), "");
    server.switch_path(1);
    EXPECT_FALSE(server.on_vf());
}

TEST_F(VfServerTest, ASwitchBeforeTheOfferDoesNothing) {
    server.switch_path(1);
    EXPECT_FALSE(server.on_vf());
}

TEST_F(VfServerTest, AnotherPathThanTheTwoIsTheSynthetic) {
    said();
    server.switch_path(2);
    EXPECT_FALSE(server.on_vf());
}

// conformance: dynamic_vf_support
TEST_F(VfServerTest, TakesThePathBackBeforeTheFunction) {
    said();
    server.switch_path(1);
    vf.present = false;
    EXPECT_EQ(said(), "S a7");
    EXPECT_FALSE(server.on_vf());
    vf.present = true;
    EXPECT_EQ(said(), "A7");
}

TEST_F(VfServerTest, AFunctionThatWasNotInUseJustGoes) {
    said();
    vf.present = false;
    EXPECT_EQ(said(), "a7");
}

// conformance: save_restore_vf_disassociate_reuses_association_serial
TEST_F(VfServerTest, AnotherFunctionReplacesTheFirstUnderItsOwnNumber) {
    said();
    vf.serial = 9;
    EXPECT_EQ(said(), "a7 A9");
}

// conformance: initialize_rndis_with_vf_multi_open
TEST_F(VfServerTest, ANewConversationIsToldAgain) {
    said();
    server.switch_path(1);
    server = VfServer(vf);
    EXPECT_FALSE(server.on_vf());
    EXPECT_EQ(said(), "A7");
}

TEST_F(VfServerTest, WaitsForRoomAndKeepsTheOrder) {
    said();
    server.switch_path(1);
    vf.present = false;
    while (outbox.send({.type = wire::PacketType::kInBand, .transaction_id = 1})) {
    }
    EXPECT_FALSE(server.flush(true, outbox));
    EXPECT_TRUE(server.on_vf());
    while (receive(reader)) {
    }
    reader.release();
    EXPECT_EQ(said(), "S a7");
}

}  // namespace
}  // namespace vmbus
