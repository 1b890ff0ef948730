#include "host/port_pcap.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace std::chrono_literals;
using namespace test;

constexpr std::uint32_t kDirected = 1;
constexpr std::size_t kAll = 100'000;

class PcapPortTest : public testing::Test {
protected:
    std::string input(const std::string& name, std::size_t frames, std::uint8_t flavour = 0) {
        make_pcap(folder_.file(name), frames, flavour);
        return folder_.file(name);
    }
    std::unique_ptr<PcapPort> make(const PcapPortSpec& spec) {
        auto port = PcapPort::create(spec, context_, why_);
        EXPECT_NE(port, nullptr) << why_;
        open(*port);
        return port;
    }
    static void open(PcapPort& port) {
        port.set_filter(kDirected);
        pass(Replay::kSettle);
    }

    ScratchFolder folder_;
    PortContext context_{fake_clock};
    std::string why_;
};

TEST_F(PcapPortTest, ReplaysFromWhenTheFilterOpens) {
    auto port = PcapPort::create({input("a", 3), ""}, context_, why_);
    ASSERT_NE(port, nullptr) << why_;
    EXPECT_TRUE(take(*port, 8).empty());
    EXPECT_FALSE(context_.replay.done());
    open(*port);
    EXPECT_EQ(take(*port, 8), (Frames{make_frame(0), make_frame(1), make_frame(2)}));
}

TEST_F(PcapPortTest, ReplaysEachFrameOnceEvenToAGuestThatComesAgain) {
    auto port = make({input("a", 3), ""});
    EXPECT_EQ(take(*port, 2).size(), 2U);
    port->guest_closed();
    EXPECT_TRUE(take(*port, 8).empty());
    open(*port);
    EXPECT_EQ(take(*port, 8), Frames{make_frame(2)});
    EXPECT_TRUE(take(*port, 8).empty());
}

TEST_F(PcapPortTest, PausesWhenTheWindowIsFullAndGoesOnWithWhatTheGuestSends) {
    auto port = make({input("a", 600), ""});
    EXPECT_EQ(take(*port, kAll).size(), Replay::kWindow);
    EXPECT_TRUE(take(*port, kAll).empty());
    send(*port, Frames(10, make_frame(0)));
    EXPECT_EQ(take(*port, kAll).size(), 10U);
}

TEST_F(PcapPortTest, FramesSentOnAnotherNicOpenTheWindowToo) {
    auto port = make({input("a", 600), ""});
    auto other = make({"", folder_.file("out")});
    take(*port, kAll);
    send(*other, Frames(5, make_frame(0)));
    EXPECT_EQ(take(*port, kAll).size(), 5U);
}

TEST_F(PcapPortTest, TheWindowSlidesForAGuestThatOnlyReceives) {
    auto port = make({input("a", 600), ""});
    take(*port, kAll);
    pass(50ms);
    EXPECT_EQ(take(*port, kAll).size(), Replay::kWindow);
    EXPECT_EQ(context_.replay.flow().not_returned, Replay::kWindow);
}

TEST_F(PcapPortTest, TheWindowStaysForAGuestThatHasNotTakenWhatItWasGiven) {
    auto port = make({input("a", 600), ""});
    take(*port, kAll);
    port->guest_holds(1);
    pass(Replay::kPatienceWithTheSlow - 1ms);
    EXPECT_TRUE(take(*port, kAll).empty());
    port->guest_closed();
    open(*port);
    EXPECT_EQ(take(*port, kAll).size(), Replay::kWindow) << "it is gone, and so is what it had";
}

TEST_F(PcapPortTest, IsDoneWhenAllCameOut) {
    auto port = make({input("a", 3), ""});
    const auto frames = take(*port, 8);
    EXPECT_FALSE(context_.replay.done());
    send(*port, frames);
    EXPECT_TRUE(context_.replay.done());
}

TEST_F(PcapPortTest, AnEmptyInputIsDoneOnceTheGuestOpens) {
    auto port = PcapPort::create({input("a", 0), ""}, context_, why_);
    EXPECT_FALSE(context_.replay.done());
    port->set_filter(kDirected);
    EXPECT_TRUE(context_.replay.done());
}

TEST_F(PcapPortTest, AFilterThatChangesWhileItIsOpenLetsTheGuestSettleAgain) {
    auto port = make({input("a", 3), ""});
    EXPECT_EQ(take(*port, 1).size(), 1U);
    port->set_filter(kDirected | 0x20);
    EXPECT_TRUE(take(*port, 8).empty());
    pass(std::chrono::duration_cast<std::chrono::milliseconds>(Replay::kSettle));
    EXPECT_EQ(take(*port, 8).size(), 2U);
}

TEST_F(PcapPortTest, WritesWhatTheGuestSendsInOrder) {
    const auto in = input("a", 700);
    auto port = make({in, folder_.file("out")});
    for (auto frames = take(*port, 64); !frames.empty(); frames = take(*port, 64)) {
        send(*port, frames);
    }
    port.reset();
    EXPECT_EQ(compare_pcaps(in, folder_.file("out")), "");
}

TEST_F(PcapPortTest, TheFileIsWholeOnceTheGuestIsGone) {
    auto port = make({"", folder_.file("out")});
    send(*port, {make_frame(0)});
    port->guest_closed();
    EXPECT_EQ(compare_pcaps(input("expected", 1), folder_.file("out")), "");
}

TEST_F(PcapPortTest, CountsFramesThatCannotBeWritten) {
    auto port = make({"", "/dev/full"});
    send(*port, {make_frame(0), make_frame(1)});
    port->guest_closed();
    EXPECT_EQ(dropped(*port, "pcap_not_written"), 2U);
    EXPECT_NE(port->take_error().find("/dev/full: No space left"), std::string::npos);
    EXPECT_EQ(port->take_error(), "");
}

TEST_F(PcapPortTest, RefusesFilesThatCannotBeUsed) {
    EXPECT_EQ(PcapPort::create({folder_.file("none"), ""}, context_, why_), nullptr);
    EXPECT_NE(why_.find("none: No such file"), std::string::npos) << why_;
    EXPECT_EQ(PcapPort::create({"", folder_.file("no/such/folder")}, context_, why_), nullptr);
    EXPECT_NE(why_.find("folder: No such file"), std::string::npos) << why_;
}

TEST_F(PcapPortTest, AFileIsNotReadAndWrittenAtOnceAndKeepsItsContent) {
    const auto file = input("a", 3);
    const auto other = input("b", 3);
    auto first = PcapPort::create({other, file}, context_, why_);
    ASSERT_NE(first, nullptr) << why_;
    EXPECT_EQ(PcapPort::create({file, ""}, context_, why_), nullptr);
    EXPECT_NE(why_.find("another port writes this file"), std::string::npos) << why_;
    first.reset();
    EXPECT_EQ(compare_pcaps(other, file), "");
}

TEST_F(PcapPortTest, TwoPortsMayReadTheSameFile) {
    const auto file = input("a", 3);
    auto first = make({file, ""});
    auto second = make({file, ""});
    EXPECT_EQ(context_.replay.flow().to_replay, 6U);
}

}  // namespace
}  // namespace vmbus::host
