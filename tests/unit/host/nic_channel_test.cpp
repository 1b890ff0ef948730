#include "host/nic_channel.hpp"

#include <gtest/gtest.h>

#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Violation;
using support::Guest;
using support::Message;

TEST(NicChannel, IsDeadAfterCorruptPacketUntilOpenedAgain) {
    Guest guest;
    guest.open();
    guest.send({.type = wire::PacketType{5}, .payload = support::text("nonsense")});
    guest.run();
    EXPECT_TRUE(guest.nic().is_dead());
    EXPECT_EQ(guest.broken(Violation::kRingBadType), 1U);
    EXPECT_EQ(guest.nic().violations().first_bytes(Violation::kRingBadType)[0], std::byte{5});
    guest.start();
    EXPECT_FALSE(guest.nic().is_dead());
}

TEST(NicChannel, IsDeadAfterForgedWriteIndex) {
    Guest guest;
    guest.open();
    guest.writer->memory().page().in.store_relaxed(12);
    guest.run();
    EXPECT_EQ(guest.broken(Violation::kRingBadWriteIndex), 1U);
    EXPECT_TRUE(guest.nic().is_dead());
}

TEST(NicChannel, IsDeadAfterForgedReadIndex) {
    Guest guest({.ring_data = 4096, .receive = 2048 * 1024});
    guest.start();
    guest.reader->memory().page().out.store_relaxed(5);
    for (int i = 0; i < 2000; ++i) guest.port.to_deliver.push_back(support::frame(60));
    guest.turn(100);
    EXPECT_EQ(guest.broken(Violation::kRingBadReadIndex), 1U);
    EXPECT_TRUE(guest.nic().is_dead());
}

TEST(NicChannel, ChecksFooterOfEveryPacket) {
    Guest guest;
    guest.open();
    const auto payload = support::text("12345678");
    const ring::OutgoingPacket packet{.payload = payload};
    ring::Reservation place;
    ASSERT_EQ(guest.writer->reserve(packet.ring_bytes(), place), ring::ReserveStatus::kOk);
    guest.writer->fill(place).put(packet);
    const std::uint32_t wrong = 8;
    guest.writer->memory().copy_in(28, base::bytes_of(wrong));
    guest.writer->publish(place);
    guest.run();
    EXPECT_EQ(guest.broken(Violation::kRingBadFooter), 1U);
}

TEST(NicChannel, RecordsTransferPagesFromGuestAndGoesOn) {
    Guest guest;
    guest.start();
    const wire::TransferPagesHeader header{.pageset_id = 1, .reserved = 0, .range_count = 0};
    guest.send({.type = wire::PacketType::kTransferPages, .header = base::bytes_of(header)});
    guest.run();
    EXPECT_EQ(guest.broken(Violation::kTransferPagesFromGuest), 1U);
    EXPECT_FALSE(guest.nic().is_dead());
}

TEST(NicChannel, IsSignalledOnlyWhileArmed) {
    Guest guest;
    guest.start();
    guest.run();
    EXPECT_EQ(guest.nic().counters().signals_from_guest, 0U);
    ASSERT_TRUE(guest.nic().idle_arm());
    guest.send_section(0, support::data_message(support::frame(60)));
    EXPECT_EQ(guest.nic().counters().signals_from_guest, 1U);
    guest.run();
    guest.send_section(1, support::data_message(support::frame(60)));
    EXPECT_EQ(guest.nic().counters().signals_from_guest, 1U);
}

TEST(NicChannel, ArmedItHearsOnlyAGuestThatSignals) {
    Guest guest;
    guest.start();
    guest.run();
    ASSERT_TRUE(guest.nic().idle_arm());
    const auto before = guest.nic().counters().tx_ring_packets;
    guest.signals = false;
    guest.send_section(0, support::data_message(support::frame(60)));
    guest.run();
    EXPECT_EQ(guest.nic().counters().tx_ring_packets, before);
    guest.nic().doorbell();
    guest.run();
    EXPECT_EQ(guest.nic().counters().tx_ring_packets, before + 1);
}

TEST(NicChannel, MayNotSleepWhilePacketsWait) {
    Guest guest;
    guest.start();
    guest.send_section(0, support::data_message(support::frame(60)));
    EXPECT_FALSE(guest.nic().idle_arm());
}

TEST(NicChannel, NoticesGuestThatWritesItsMask) {
    Guest guest;
    guest.start();
    guest.run();
    ASSERT_TRUE(guest.nic().idle_arm());
    guest.writer->memory().page().interrupt_mask.store_relaxed(1);
    guest.nic().wake();
    EXPECT_EQ(guest.broken(Violation::kInterruptMaskWritten), 1U);
}

TEST(NicChannel, InterruptsWhenRingBecomesNonEmptyAndUnmasked) {
    Guest guest;
    guest.start();
    const int before = guest.interrupt.raised;
    guest.reader->mask();
    guest.port.to_deliver.push_back(support::frame(60));
    guest.run();
    EXPECT_EQ(guest.interrupt.raised, before);
    ASSERT_FALSE(guest.reader->unmask_and_recheck());
    guest.port.to_deliver.push_back(support::frame(60));
    guest.run();
    EXPECT_EQ(guest.interrupt.raised, before + 1);
    EXPECT_EQ(guest.nic().counters().interrupts_to_guest,
              static_cast<std::uint64_t>(guest.interrupt.raised));
}

TEST(NicChannel, InterruptsGuestThatWaitsForRoom) {
    Guest guest({.ring_data = 4096});
    guest.open();
    guest.reader->mask();
    const auto big = support::text(std::string(2000, 'x'));
    guest.send({.completion_requested = false, .payload = big});
    ASSERT_TRUE(guest.writer->ask_for_room(3000));
    guest.turn();
    EXPECT_EQ(guest.interrupt.raised, 1);
}

TEST(NicChannel, SurvivesRandomBytesInRing) {
    std::uint32_t random = 1;
    for (int round = 0; round < 200; ++round) {
        Guest guest;
        guest.start();
        Message bytes(4096);
        for (auto& byte : bytes) {
            random = random * 1664525 + 1013904223;
            byte = static_cast<std::byte>(random >> 24);
        }
        // Half of the rounds in a sound packet, half as the packet.
        if (round % 2 == 0) {
            guest.send_nvsp(base::Bytes(bytes).first(random % 64), 1, random % 3 != 0);
            guest.send_section(0, base::Bytes(bytes).first(44 + random % 1000));
        } else {
            guest.writer->memory().copy_in(guest.writer->memory().page().in.load_relaxed(), bytes);
            guest.writer->memory().page().in.store_relaxed(16384);
        }
        guest.run();
        EXPECT_GT(guest.nic().violations().total(), 0U);
    }
}

}  // namespace
}  // namespace vmbus
