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

class SubChannel : public testing::TestWithParam<wire::NvspVersion> {
protected:
    void start(wire::NvspVersion version = wire::NvspVersion::kV61) {
        guest.start(version);
        guest.request_channels(2);
        guest.open_channels();
        guest.run();
        guest.inbox.clear();
        guest.sends_on = 2;
    }
    Guest guest;
};
INSTANTIATE_TEST_SUITE_P(EveryVersion, SubChannel,
                         testing::Values(wire::NvspVersion::kV5, wire::NvspVersion::kV6,
                                         wire::NvspVersion::kV61));

// Conformance: new_worker_with_v5_uses_v1_packet_size, new_worker_with_v61_uses_v61_packet_size.
TEST_P(SubChannel, ItsMessagesHaveTheSizeOfTheVersion) {
    start(GetParam());
    guest.send_section(0, support::data_message(support::frame(60)), 5);
    guest.run();
    ASSERT_EQ(guest.inbox.size(), 1U);
    EXPECT_EQ(guest.inbox[0].channel, 2U);  // completed where it was sent
    EXPECT_EQ(guest.inbox[0].payload.size(), GetParam() == wire::NvspVersion::kV61 ? 40U : 32U);
    EXPECT_EQ(guest.port.sent.size(), 1U);
}

TEST_F(SubChannel, RefusesControlMessages) {
    start();
    std::array<std::byte, 64> message;
    guest.send_control(
        base::Bytes(message).first(codec::encode_query(message, 1, wire::Oid::kHardwareStatus)), 5);
    guest.run();
    EXPECT_EQ(guest.status(5), wire::NvspStatus::kFailure);
    EXPECT_EQ(guest.broken(Violation::kControlOnSubChannel), 1U);
}

TEST_F(SubChannel, HasNoPlaceForWhatBelongsOnThePrimary) {
    start();
    for (const auto type : {wire::NvspType::kSubChannel, wire::NvspType::kSwitchDataPath,
                            wire::NvspType::kRevokeReceiveBuffer, wire::NvspType::kInit}) {
        guest.send_nvsp(support::nvsp(wire::NvspInit{static_cast<std::uint32_t>(type), 1, 1}), 5);
    }
    guest.run();
    EXPECT_EQ(guest.broken(Violation::kNvspOnSubChannel), 4U);
    EXPECT_TRUE(guest.nic().is_receiving());
}

TEST_F(SubChannel, AnswersOidQueryEx) {
    start();
    guest.send_nvsp(support::nvsp(wire::NvspInit{
                        static_cast<std::uint32_t>(wire::NvspType::kOidQueryEx), 0, 0}),
                    5);
    guest.run();
    EXPECT_EQ(guest.status(5), static_cast<wire::NvspStatus>(0xC00000BB));
    EXPECT_EQ(guest.nic().violations().total(), 0U);
}

TEST_F(SubChannel, IsArmedAndSignalledByItself) {
    start();
    ASSERT_TRUE(guest.nic().idle_arm());
    guest.send_section(0, support::data_message(support::frame(60)), 5);
    guest.run();
    EXPECT_EQ(guest.nic().counters_of(2).signals_from_guest, 1U);
    EXPECT_EQ(guest.nic().counters_of(0).signals_from_guest, 0U);
    EXPECT_EQ(guest.status(5), wire::NvspStatus::kSuccess);
}

TEST_F(SubChannel, DiesAloneWhenItsRingIsCorrupt) {
    start();
    guest.send({.type = wire::PacketType{5}, .payload = support::text("nonsense")});
    guest.run();
    EXPECT_TRUE(guest.nic().is_dead());
    guest.sends_on = 1;
    guest.send_section(0, support::data_message(support::frame(60)), 5);
    guest.run();
    EXPECT_EQ(guest.status(5), wire::NvspStatus::kSuccess);
}

}  // namespace
}  // namespace vmbus
