#include "host/fault.hpp"

#include <gtest/gtest.h>

#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Fault;
using host::FaultEngine;
using host::parse_fault_script;
using support::Guest;

TEST(FaultEngine, StrikesAfterThatManyThatOften) {
    FaultEngine engine({{Fault::kBadPpi, 2, 3}});
    std::string seen;
    for (int i = 0; i < 7; ++i) seen += engine.due(Fault::kBadPpi) ? 'x' : '.';
    EXPECT_EQ(seen, "..xxx..");
    EXPECT_FALSE(engine.due(Fault::kBadLength));
    EXPECT_EQ(engine.struck(), 3U);
}

TEST(FaultEngine, WithoutScriptDoesNothing) {
    FaultEngine engine;
    EXPECT_FALSE(engine.active());
    EXPECT_FALSE(engine.due(Fault::kSilence));
}

TEST(FaultScript, ReadsEveryFault) {
    for (std::size_t i = 0; i < host::kFaults; ++i) {
        const auto fault = static_cast<Fault>(i);
        std::string why;
        const auto script = parse_fault_script(
            R"([{"what":")" + std::string(to_string(fault)) + R"(","after":5,"count":2}])", why);
        ASSERT_TRUE(script) << why;
        EXPECT_EQ(script->at(0).what, fault);
        EXPECT_EQ(script->at(0).after, 5U);
        EXPECT_EQ(script->at(0).count, 2U);
    }
}

TEST(FaultScript, SaysWhatIsWrongInOneLine) {
    const char* const kBad[] = {
        "",
        "{",
        "{}",
        "[1]",
        R"([{"after": 1}])",
        R"([{"what": "no_such_fault"}])",
        R"([{"what": 7}])",
        R"([{"what": "bad_ppi", "after": -1}])",
        R"([{"what": "bad_ppi", "count": 1.5}])",
        R"([{"what": "bad_ppi", "when": 1}])",
        "[{\"what\": \"\xFF\"}]",
    };
    for (const char* text : kBad) {
        std::string why;
        EXPECT_FALSE(parse_fault_script(text, why)) << text;
        EXPECT_FALSE(why.empty());
        EXPECT_EQ(why.find('\n'), std::string::npos);
    }
}

/// The NIC with one fault in its script.
class FaultyNic : public testing::Test {
protected:
    void script(Fault what) { guest.nic().set_faults({{what, 0, 1}}); }
    void send() {
        guest.send_section(0, support::data_message(support::frame(60)), 5);
        guest.run();
    }
    codec::RndisPacketError delivered() {
        guest.port.to_deliver.push_back(support::frame(60));
        guest.run();
        codec::PacketBounds bounds;
        codec::PacketInfo info;
        return codec::parse_packet(guest.range(guest.next()->ranges.at(0)), bounds, info);
    }
    void SetUp() override { guest.start(); }
    Guest guest;
};

TEST_F(FaultyNic, SpoilsDeliveredFrames) {
    script(Fault::kBadRndisLength);
    EXPECT_EQ(delivered(), codec::RndisPacketError::kBadLength);
    EXPECT_EQ(delivered(), codec::RndisPacketError::kNone);
    script(Fault::kBadPpi);
    EXPECT_EQ(delivered(), codec::RndisPacketError::kBadPpi);
    EXPECT_EQ(delivered(), codec::RndisPacketError::kNone);
    EXPECT_EQ(guest.nic().counters().faults, 1U);
}

TEST_F(FaultyNic, AsksForRescindOnce) {
    script(Fault::kRescind);
    send();
    EXPECT_TRUE(guest.nic().take_rescind_request());
    EXPECT_FALSE(guest.nic().take_rescind_request());
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

}  // namespace
}  // namespace vmbus
