#include "host/fault.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "host/fault_engine.hpp"
#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Fault;
using support::Guest;

TEST(Fault, EachHasANameASentenceAndDistinctVariants) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < host::kFaults; ++i) {
        const auto& kind = kind_of(static_cast<Fault>(i));
        EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
        EXPECT_EQ(host::fault_named(kind.name), kind.fault);
        EXPECT_GT(std::string(kind.does).size(), 10U);
        EXPECT_EQ(kind.variants.back(), nullptr) << "room for the end";
    }
    EXPECT_FALSE(host::fault_named("no_such_fault"));
}

TEST(Subject, IsNamedAsInScripts) {
    EXPECT_EQ(host::subject_named("receive_buffer"), host::Subject::kReceiveBuffer);
    EXPECT_EQ(host::subject_named("indication"), host::Subject::kIndication);
    EXPECT_FALSE(host::subject_named("frames"));
}

/// The NIC with one fault in its script.
class FaultyNic : public testing::Test {
protected:
    void script(Fault what, std::uint32_t value = 0) {
        guest.nic().set_faults({{.what = what, .value = value}});
    }
    void send() {
        guest.send_section(0, support::data_message(support::frame(60)), 5);
        guest.run();
    }
    void SetUp() override { guest.start(); }
    Guest guest;
};

TEST_F(FaultyNic, AsksForRescindOnce) {
    script(Fault::kRescind);
    send();
    EXPECT_TRUE(guest.nic().take_rescind_request());
    EXPECT_FALSE(guest.nic().take_rescind_request());
}

TEST_F(FaultyNic, TakesASubChannelAwayWithoutAWordAndServesTheOthers) {
    guest.request_channels(2);
    guest.open_channels();
    guest.run();
    guest.nic().set_faults({{.what = Fault::kRescindChannel, .channel = 1}});
    guest.inbox.clear();
    for (const std::uint32_t channel : {1U, 2U, 1U, 0U}) {
        guest.sends_on = channel;
        send();
        EXPECT_EQ(guest.status(5).has_value(), channel != 1) << channel;
    }
    EXPECT_TRUE(guest.inbox.empty());
    EXPECT_EQ(guest.nic().channels(), 3U) << "the guest's kernel lets go of it with the device";
    EXPECT_EQ(guest.nic().counters_of(1).tx_packets, 1U);
}

TEST_F(FaultyNic, FlapsLink) {
    static host::LinkReporter::Time now;
    guest.nic().set_clock([] { return now; });
    guest.start();
    script(Fault::kLinkFlap);
    send();
    guest.run();
    EXPECT_TRUE(guest.nic().link_up());
    EXPECT_EQ(guest.indication(), wire::RndisStatus::kMediaDisconnect);
    now += host::LinkReporter::kApart;
    guest.run();
    EXPECT_EQ(guest.indication(), wire::RndisStatus::kMediaConnect);
}

TEST_F(FaultyNic, FallsSilentUntilOpenedAgain) {
    script(Fault::kSilence);
    send();
    EXPECT_FALSE(guest.nic().poll());
    guest.inbox.clear();
    guest.send_section(1, support::data_message(support::frame(60)), 6);
    guest.run();
    EXPECT_TRUE(guest.inbox.empty());
    guest.start();
    send();
    EXPECT_EQ(guest.status(5), wire::NvspStatus::kSuccess);
}

TEST_F(FaultyNic, PausesAndGoesOn) {
    script(Fault::kPause, 20);
    guest.send_section(0, support::data_message(support::frame(60)), 5);
    guest.turn();
    guest.send_section(1, support::data_message(support::frame(60)), 6);
    std::optional<wire::NvspStatus> status;
    unsigned tries = 0;
    while (!status && ++tries < 10'000'000) {
        guest.turn();
        guest.collect();
        status = guest.status(6);
    }
    EXPECT_EQ(status, wire::NvspStatus::kSuccess);
    EXPECT_GT(tries, 10U);
}

TEST_F(FaultyNic, TouchesItsMemoryAfterTheGuestClosed) {
    guest.nic().set_faults({{.what = Fault::kTouchAfterClose}});
    guest.nic().close();
    EXPECT_EQ(guest.writer->memory().page().in.load_relaxed(), 0xA5A5A5A5U);
    guest.start();
    EXPECT_EQ(guest.nic().violations().total(), 0U);
}

/// What happens to RNDIS replies.
class FaultyReply : public FaultyNic {
protected:
    std::optional<support::Message> reply_to_query(const host::FaultStep& step) {
        guest.nic().set_faults({step});
        std::array<std::byte, 64> message;
        guest.send_control(
            base::Bytes(message).first(codec::encode_query(message, 9, wire::Oid::kLinkSpeed)), 8);
        guest.run();
        return guest.control_message();
    }
};

TEST_F(FaultyReply, IsLostDoubledCutOrSpoilt) {
    EXPECT_FALSE(reply_to_query({.what = Fault::kLostReply}));
    EXPECT_TRUE(reply_to_query({.what = Fault::kDuplicateReply}));
    EXPECT_TRUE(guest.control_message());
    EXPECT_EQ(reply_to_query({.what = Fault::kShortReply, .value = 12})->size(), 12U);
    const auto wrong = reply_to_query({.what = Fault::kWrongReplyId, .value = 77});
    EXPECT_EQ(base::load_at<std::uint32_t>(*wrong, 8), 77U);
    const auto bad = reply_to_query({.what = Fault::kBadReply, .value = 99, .offset = 20});
    EXPECT_EQ(base::load_at<std::uint32_t>(*bad, 20), 99U);
}

TEST_F(FaultyReply, IsSpoiltOnlyForTheObjectThatTheScriptNames) {
    const auto untouched = reply_to_query({.what = Fault::kShortReply, .oid = 0x1, .value = 12});
    EXPECT_GT(untouched->size(), 12U);
}

TEST_F(FaultyReply, IsLateForThatManyTurns) {
    guest.nic().set_faults({{.what = Fault::kLateReply, .value = 50}});
    std::array<std::byte, 64> message;
    guest.send_control(
        base::Bytes(message).first(codec::encode_query(message, 9, wire::Oid::kLinkSpeed)), 8);
    guest.turn(40);
    guest.collect();
    EXPECT_FALSE(guest.control_message());
    guest.run();
    EXPECT_TRUE(guest.control_message());
}

}  // namespace
}  // namespace vmbus
