#include "host/nic.hpp"

#include <gtest/gtest.h>

#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Violation;
using support::Guest;
using support::Message;

TEST(Nic, RefusesRingsThatAreNoRings) {
    support::FakePort port;
    support::CountingInterrupt interrupt;
    support::FakeMemory memory;
    Message tiny(4096);
    host::Nic nic(host::NicSpec{}, {.rings = tiny, .buffers = {}}, port, interrupt);
    EXPECT_FALSE(nic.open(memory));
    EXPECT_FALSE(nic.poll());
}

TEST(Nic, AnswersWholeHandshakeWithoutViolation) {
    Guest guest;
    guest.start();
    EXPECT_EQ(guest.nic().violations().total(), 0U);
    EXPECT_TRUE(guest.nic().is_receiving());
    EXPECT_EQ(guest.nic().counters().nvsp_version, 0x60001U);
    EXPECT_EQ(guest.nic().counters().ndis_minor, 30U);
    EXPECT_EQ(guest.nic().counters().rndis_major, 1U);
}

TEST(Nic, StartsAfreshWhenOpenedAgain) {
    Guest guest;
    guest.start();
    guest.nic().close();
    EXPECT_EQ(guest.port.closed, 1);
    guest.start(wire::NvspVersion::kV4);
    EXPECT_EQ(guest.nic().counters().nvsp_version, 0x40000U);
    EXPECT_EQ(guest.nic().counters().opens, 2U);
    EXPECT_EQ(guest.nic().violations().total(), 0U);
}

TEST(Nic, SameNicOfferedAgainIsInTheStateThatItWasIn) {
    Guest before;
    before.nic().set_vf({.present = true, .serial = 7});
    before.nic().set_link(false);
    Guest again;
    again.nic().inherit(before.nic());
    EXPECT_TRUE(again.nic().vf().present);
    EXPECT_EQ(again.nic().vf().serial, 7U);
    EXPECT_FALSE(again.nic().link_up());
}

}  // namespace
}  // namespace vmbus
