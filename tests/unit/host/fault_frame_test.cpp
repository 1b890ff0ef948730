#include "host/fault_frame.hpp"

#include <gtest/gtest.h>

#include "support/guest.hpp"

namespace vmbus {
namespace {

using codec::RndisPacketError;
using host::Fault;
using support::Guest;

/// A NIC that delivers, with one fault in its script.
class FaultFrame : public testing::Test {
protected:
    void script(Fault what, std::uint8_t how = 0) {
        guest.nic().set_faults({{.what = what, .how = how}});
    }
    support::FromHost delivered() {
        guest.port.to_deliver.push_back(support::frame(60));
        guest.run();
        return guest.next().value();
    }
    RndisPacketError error_of(const support::FromHost& packet) {
        codec::PacketBounds bounds;
        codec::PacketInfo info;
        return codec::parse_packet(guest.range(packet.ranges.at(0)), bounds, info);
    }
    void SetUp() override { guest.start(); }
    Guest guest;
};

TEST_F(FaultFrame, SpoilsHeadsInEachWayOnce) {
    for (std::uint8_t how = 0; how < 3; ++how) {
        script(Fault::kBadPpi, how);
        EXPECT_EQ(error_of(delivered()), RndisPacketError::kBadPpi) << static_cast<int>(how);
        EXPECT_EQ(error_of(delivered()), RndisPacketError::kNone);
    }
    const RndisPacketError kErrors[] = {
        RndisPacketError::kBadData,    RndisPacketError::kBadData,    RndisPacketError::kBadData,
        RndisPacketError::kBadOob,     RndisPacketError::kBadPpiArea, RndisPacketError::kBadPpiArea,
        RndisPacketError::kNotAPacket, RndisPacketError::kBadLength};
    for (std::uint8_t how = 0; how < std::size(kErrors); ++how) {
        script(Fault::kBadFrame, how);
        EXPECT_EQ(error_of(delivered()), kErrors[how]) << static_cast<int>(how);
    }
    script(Fault::kBadRndisLength);
    EXPECT_EQ(error_of(delivered()), RndisPacketError::kBadLength);
}

TEST_F(FaultFrame, SpoilsTransfersInEachWay) {
    script(Fault::kBadTransfer, 0);
    EXPECT_NE(delivered().pageset, wire::kReceiveBufferId);
    script(Fault::kBadTransfer, 3);
    EXPECT_GT(delivered().ranges.at(0).byte_offset, 256U * 1024);
    script(Fault::kBadTransfer, 4);
    EXPECT_EQ(delivered().ranges.at(0).byte_count, 0U);
    script(Fault::kBadTransfer, 5);
    EXPECT_EQ(delivered().ranges.at(0).byte_count, 1814U);
    script(Fault::kBadTransfer, 6);
    EXPECT_EQ(delivered().ranges.at(0).byte_offset % 1806, 8U);
    script(Fault::kBadTransfer, 7);
    EXPECT_NE(base::load_at<std::uint32_t>(delivered().payload, 0), 107U);
}

TEST_F(FaultFrame, SendsFramesUnderAnIdThatIsHeld) {
    script(Fault::kBadTransfer, 8);
    guest.nic().set_faults({{.what = Fault::kBadTransfer, .after = 1, .how = 8}});
    const auto first = delivered().id;
    EXPECT_EQ(delivered().id, first);
}

TEST_F(FaultFrame, RewritesHeadsAfterTheyWereSentAndStops) {
    script(Fault::kRewrittenFrame);
    const auto packet = delivered();
    const auto length = [&] {
        return base::load_at<std::uint32_t>(guest.range(packet.ranges[0]), 12);
    };
    guest.turn();
    const auto before = length();
    guest.turn();
    EXPECT_NE(length(), before);
    guest.turn(100);
    const auto last = length();
    guest.turn();
    EXPECT_EQ(length(), last);
}

}  // namespace
}  // namespace vmbus
