#include "netvsc-fwd/xstats.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace netvsc_fwd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(XstatFigures, RingsAreSortedByQueue) {
    const auto figures = figures_of({{"ring_q1_tx_used", 5},
                                     {"ring_q1_tx_size", 100},
                                     {"ring_q0_signals", 9},
                                     {"ring_q0_rx_used", 0}});
    ASSERT_EQ(figures.rings.size(), 2U);
    EXPECT_EQ(figures.rings[1].tx_used, 5U);
    EXPECT_EQ(figures.rings[1].tx_size, 100U);
    EXPECT_EQ(figures.rings[0].signals, 9U);
    EXPECT_EQ(figures.rings[0].rx_used, 0U);
    EXPECT_FALSE(figures.rings[0].tx_used);
}

TEST(XstatFigures, PathIsKnownWhereTheDriverTells) {
    EXPECT_FALSE(figures_of({{"rx_good_packets", 1}}).on_vf);
    EXPECT_EQ(figures_of({{"vf_active", 0}}).on_vf, false);
    EXPECT_EQ(figures_of({{"vf_active", 1}}).on_vf, true);
}

TEST(XstatFigures, CausesAreLossesOfAnyDriverThatHappened) {
    EXPECT_THAT(figures_of({{"rx_q0_no_mbuf", 3},
                            {"rx_missed_errors", 4},
                            {"tx_q0_ring_full", 5},
                            {"rx_discards_phy", 6},
                            {"tx_errors", 0},
                            {"rx_q0_packets", 7}})
                    .causes,
                ElementsAre(Pair("rx_discards_phy", 6), Pair("rx_missed_errors", 4),
                            Pair("rx_q0_no_mbuf", 3), Pair("tx_q0_ring_full", 5)));
}

TEST(XstatFigures, NamesThatOnlyLookLikeRingsAreNone) {
    EXPECT_THAT(figures_of({{"ring_q_signals", 1},
                            {"ring_q99999999999_signals", 1},
                            {"ring_q1signals", 1},
                            {"ring_q1_other", 1},
                            {"ring_q70000_signals", 1}})
                    .rings,
                IsEmpty());
}

}  // namespace
}  // namespace netvsc_fwd
