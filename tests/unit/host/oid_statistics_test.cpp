#include "host/oid_statistics.hpp"

#include <gtest/gtest.h>

#include "wire/ndis.hpp"

namespace vmbus {
namespace {

using host::ByKind;
using host::Drop;
using wire::Oid;

class OidStatistics : public testing::Test {
protected:
    OidStatistics() {
        counters.tx_packets = 0x1'0000'0007;
        counters.tx_bytes = 600;
        counters.rx_bytes = 0x2'0000'0000;
        for (std::size_t kind = 0; kind < ByKind::kKinds; ++kind) {
            counters.tx_by_kind.frames[kind] = 10 + kind;
            counters.tx_by_kind.bytes[kind] = 20 + kind;
            counters.rx_by_kind.frames[kind] = 30 + kind;
            counters.rx_by_kind.bytes[kind] = 40 + kind;
        }
        counters.drop(Drop::kTxRefused, 2);
        counters.drop(Drop::kTxLinkDown, 3);
        counters.drop(Drop::kRxUndersized, 4);
        counters.drop(Drop::kRxOthersAddress, 100);
    }
    std::size_t ask(Oid oid) { return put_statistic(oid, counters, 5, out); }
    std::uint64_t value(Oid oid) {
        return ask(oid) == 4 ? base::load_at<std::uint32_t>(out, 0)
                             : base::load_at<std::uint64_t>(out, 0);
    }
    host::NicCounters counters;
    std::array<std::byte, 512> out{};
};

TEST_F(OidStatistics, GeneralOnesHave32Bits) {
    EXPECT_EQ(ask(Oid::kTransmitOk), 4U);
    EXPECT_EQ(value(Oid::kTransmitOk), 7U);
    EXPECT_EQ(value(Oid::kReceiveOk), 30U + 31 + 32);
    EXPECT_EQ(value(Oid::kTransmitError), 2U);
    EXPECT_EQ(value(Oid::kReceiveError), 4U);
    EXPECT_EQ(value(Oid::kReceiveNoBuffer), 5U);
}

TEST_F(OidStatistics, EachKindHasItsOwn) {
    for (std::uint32_t i = 0; i < 12; ++i) {
        const std::uint64_t expected = (i < 6 ? 10U : 30U) + (i % 2 == 0 ? 10U : 0U) + i % 6 / 2;
        EXPECT_EQ(value(Oid{0x00020201 + i}), expected) << i;
    }
    EXPECT_EQ(value(Oid::kBytesReceived), 0x2'0000'0000U);
    EXPECT_EQ(value(Oid::kBytesTransmitted), 600U);
}

TEST_F(OidStatistics, AllAtOnce) {
    ASSERT_EQ(ask(Oid::kStatistics), 152U);
    const auto all = base::load_at<wire::NdisStatistics>(out, 0);
    EXPECT_EQ(all.in_discards, 5U);
    EXPECT_EQ(all.in_frames[1], 31U);
    EXPECT_EQ(all.out_frames[2], 12U);
    EXPECT_EQ(all.out_discards, 3U);
    EXPECT_EQ(all.in_bytes_by_kind[0], 40U);
    EXPECT_EQ(all.out_bytes_by_kind[2], 22U);
}

TEST_F(OidStatistics, AnswersWhatItNamesAndNothingElse) {
    for (const Oid oid : host::statistics_oids()) {
        EXPECT_NE(ask(oid), 0U) << std::hex << static_cast<std::uint32_t>(oid);
    }
    EXPECT_EQ(ask(Oid{0x0002020F}), 0U);
    EXPECT_EQ(ask(Oid::kLinkSpeed), 0U);
}

}  // namespace
}  // namespace vmbus
