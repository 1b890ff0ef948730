// What a guest may not do, and what each temper makes of it: the rules of the ring itself, and the
// tempers on one example of each kind. Other rules are tested with the part that holds them.
#include <gtest/gtest.h>

#include "host/violation_rules.hpp"
#include "support/guest.hpp"

namespace vmbus {
namespace {

using host::Temper;
using host::Violation;
using support::Guest;

/// A guest that has shaken hands and writes its ring by hand.
class GuestRules : public testing::Test {
protected:
    void SetUp() override { guest.start(); }
    std::uint32_t in() { return guest.writer->memory().page().in.load_relaxed(); }
    /// Whatever stands there, up to an index that announces `bytes`.
    void publish(const wire::PacketDescriptor& descriptor, std::uint32_t bytes) {
        const std::uint32_t at = in();
        guest.writer->memory().copy_in(at, base::bytes_of(descriptor));
        guest.writer->memory().page().in.store_relaxed(at + bytes);
        guest.run();
    }
    static wire::PacketDescriptor in_band(std::uint16_t data8, std::uint16_t length8,
                                          std::uint16_t flags = 0) {
        return {.type = static_cast<std::uint16_t>(wire::PacketType::kInBand),
                .data_offset8 = data8,
                .length8 = length8,
                .flags = flags,
                .transaction_id = 1};
    }
    bool answers() {
        guest.nic().doorbell();
        guest.send_section(3, support::data_message(support::frame(60)), 77);
        guest.run();
        return guest.status(77) == wire::NvspStatus::kSuccess;
    }
    Guest guest;
};

TEST_F(GuestRules, LessThanADescriptorIsNoPacket) {
    publish(in_band(2, 3), 8);
    EXPECT_EQ(guest.broken(Violation::kRingShortData), 1U);
    EXPECT_TRUE(guest.nic().is_dead());
}

TEST_F(GuestRules, LengthsOfADescriptorFitEachOther) {
    publish(in_band(5, 4), 64);
    EXPECT_EQ(guest.broken(Violation::kRingBadLengths), 1U);
    EXPECT_TRUE(guest.nic().is_dead());
}

TEST_F(GuestRules, FlagsAreNoneButOne) {
    publish(in_band(2, 4, 2), 40);
    EXPECT_EQ(guest.broken(Violation::kRingBadFlags), 1U);
}

TEST_F(GuestRules, GpaDirectNamesARange) {
    support::Message header(8);
    guest.send({.type = wire::PacketType::kGpaDirect, .header = header});
    guest.run();
    EXPECT_EQ(guest.broken(Violation::kRingBadRangeCount), 1U);
    EXPECT_EQ(guest.nic().violations().first_bytes(Violation::kRingBadRangeCount)[0], std::byte{9});
}

TEST_F(GuestRules, ValuesOfASetAreThoseItsObjectCanHave) {
    EXPECT_EQ(guest.set(wire::Oid::kReceiveScaleParameters, support::Message(84)),
              wire::RndisStatus::kSuccess)
        << "no hash function: off";
    support::Message parameters(84);
    base::store_at(parameters, 8, std::uint32_t{1});
    EXPECT_EQ(guest.set(wire::Oid::kReceiveScaleParameters, parameters),
              wire::RndisStatus::kInvalidData);
    EXPECT_EQ(guest.broken(Violation::kOidBadValue), 1U);
}

TEST_F(GuestRules, TolerantHostGoesOnBehindWhatIsNoPacket) {
    guest.nic().set_temper(Temper::kTolerant);
    publish(in_band(5, 4), 64);
    EXPECT_EQ(guest.broken(Violation::kRingBadLengths), 1U);
    EXPECT_FALSE(guest.nic().is_dead());
}

TEST_F(GuestRules, TolerantHostWaitsForAnIndexThatIsOne) {
    guest.nic().set_temper(Temper::kTolerant);
    const std::uint32_t good = in();
    guest.writer->memory().page().in.store_relaxed(12);
    guest.run();
    EXPECT_EQ(guest.broken(Violation::kRingBadWriteIndex), 1U);
    guest.writer->memory().page().in.store_relaxed(good);
    guest.run();
    EXPECT_TRUE(answers());
    EXPECT_EQ(guest.nic().violations().total(), 1U);
}

TEST_F(GuestRules, TolerantHostForgivesAFooter) {
    guest.nic().set_temper(Temper::kTolerant);
    guest.start();
    const auto at = in();
    guest.send_section(3, support::data_message(support::frame(60)), 5);
    guest.writer->memory().copy_in(in() - 4, base::bytes_of(at + 8));
    guest.run();
    EXPECT_EQ(guest.status(5), wire::NvspStatus::kSuccess);
}

TEST_F(GuestRules, OpenvmmGivesTheChannelUpWhereOthersAnswerFailure) {
    const auto repeated = support::nvsp(wire::NvspInit{1, 0x60001, 0x60001});
    guest.send_nvsp(repeated, 9);
    guest.run();
    EXPECT_TRUE(guest.completion(9));
    guest.nic().set_temper(Temper::kOpenvmm);
    guest.send_nvsp(repeated, 9);
    guest.run();
    EXPECT_FALSE(guest.completion(9));
    EXPECT_TRUE(guest.nic().is_dead());
    guest.start();
    EXPECT_TRUE(answers());
}

TEST_F(GuestRules, OpenvmmAnswersFailureWhereItDoes) {
    guest.nic().set_temper(Temper::kOpenvmm);
    guest.send_nvsp(support::nvsp(wire::NvspSendRndisPacket{107, 0, UINT32_MAX, 0}), 5);
    guest.run();
    EXPECT_EQ(guest.status(5), wire::NvspStatus::kFailure);
    EXPECT_FALSE(guest.nic().is_dead());
}

}  // namespace
}  // namespace vmbus
