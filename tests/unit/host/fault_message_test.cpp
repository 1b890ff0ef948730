#include "host/fault_message.hpp"

#include <gtest/gtest.h>

#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Fault;
using support::Guest;

class FaultMessage : public testing::Test {
protected:
    void SetUp() override { guest.start(); }
    /// What the host says when it answers one packet, that answer aside.
    std::vector<support::FromHost> said(const host::FaultStep& step) {
        guest.inbox.clear();
        guest.nic().set_faults({step});
        guest.send_section(0, support::data_message(support::frame(60)), 5);
        guest.run();
        EXPECT_TRUE(guest.completion(5));
        return {guest.inbox.begin(), guest.inbox.end()};
    }
    static std::uint32_t word(const support::FromHost& packet, std::size_t index) {
        return base::load_at<std::uint32_t>(packet.payload, 4 * index);
    }
    Guest guest;
};

TEST_F(FaultMessage, UnknownMessageWantsACompletionAndTakesIt) {
    const auto packets = said({.what = Fault::kUnknownMessage});
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_EQ(word(packets[0], 0), 0x7777U);
    EXPECT_TRUE(packets[0].completion_requested);
    guest.give_back(packets[0].id);
    guest.run();
    EXPECT_EQ(guest.nic().violations().total(), 0U);
    guest.give_back(packets[0].id);
    guest.run();
    EXPECT_EQ(guest.broken(host::Violation::kBadCompletionId), 1U);
}

TEST_F(FaultMessage, SpeaksOfAVirtualFunctionUnasked) {
    const auto packets = said({.what = Fault::kVfAssociation, .value = 12});
    EXPECT_EQ(packets.at(0).id, 0x8000'0000'0000'0000U);
    EXPECT_EQ(word(packets.at(0), 0), 128U);
    EXPECT_EQ(word(packets.at(0), 1), 1U);
    EXPECT_EQ(word(packets.at(0), 2), 12U);
}

TEST_F(FaultMessage, SwitchesDataPathInEightBytes) {
    const auto packets = said({.what = Fault::kSwitchDataPath});
    EXPECT_EQ(packets.at(0).payload.size(), 8U);
    EXPECT_EQ(word(packets.at(0), 0), 129U);
}

TEST_F(FaultMessage, IndirectionTablesAreGoodOrBad) {
    EXPECT_EQ(word(said({.what = Fault::kIndirectionTable}).at(0), 1), 16U);
    EXPECT_EQ(word(said({.what = Fault::kIndirectionTable, .how = 1}).at(0), 1), UINT32_MAX);
    EXPECT_GT(word(said({.what = Fault::kIndirectionTable, .how = 2}).at(0), 2), 80U);
    EXPECT_GT(word(said({.what = Fault::kIndirectionTable, .how = 3}).at(0), 3), 64U);
    EXPECT_EQ(said({.what = Fault::kIndirectionTable, .how = 4}).at(0).payload.size(), 16U);
}

TEST_F(FaultMessage, FloodIsThatManyTinyPackets) {
    EXPECT_EQ(said({.what = Fault::kFlood, .value = 50}).size(), 50U);
}

TEST_F(FaultMessage, BadStatusIsNoStatus) {
    for (const std::uint8_t how : std::initializer_list<std::uint8_t>{0, 2}) {
        const auto packets = said({.what = Fault::kBadStatus, .how = how});
        codec::StatusIndication indication;
        EXPECT_NE(
            codec::decode_indicate_status(guest.range(packets.at(0).ranges.at(0)), indication),
            codec::RndisError::kNone);
    }
}

}  // namespace
}  // namespace vmbus
