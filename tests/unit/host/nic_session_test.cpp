#include "host/nic_session.hpp"

#include <gtest/gtest.h>

#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Violation;
using support::Guest;
using support::Message;

TEST(NicSession, TellsGuestOfLink) {
    Guest guest;
    guest.start();
    guest.nic().set_link(false);
    guest.nic().set_link(false);
    guest.run();
    codec::StatusIndication indication;
    ASSERT_EQ(codec::decode_indicate_status(guest.control_message().value(), indication),
              codec::RndisError::kNone);
    EXPECT_EQ(indication.status, wire::RndisStatus::kMediaDisconnect);
    EXPECT_FALSE(guest.control_message());
    guest.nic().set_link(true);
    guest.run();
    ASSERT_EQ(codec::decode_indicate_status(guest.control_message().value(), indication),
              codec::RndisError::kNone);
    EXPECT_EQ(indication.status, wire::RndisStatus::kMediaConnect);
}

TEST(NicSession, DropsWhatIsSentWhileLinkIsDown) {
    Guest guest;
    guest.start();
    guest.nic().set_link(false);
    guest.send_section(0, support::data_message(support::frame(60)), 5);
    guest.run();
    EXPECT_EQ(guest.status(5), wire::NvspStatus::kSuccess);
    EXPECT_TRUE(guest.port.sent.empty());
    EXPECT_EQ(guest.nic().counters().dropped(host::Drop::kTxLinkDown), 1U);
}

}  // namespace
}  // namespace vmbus
