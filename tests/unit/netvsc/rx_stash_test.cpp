#include "net/netvsc/rx_stash.hpp"

#include <gtest/gtest.h>

#include "mbufs.hpp"

namespace vmbus::netvsc::test {
namespace {

TEST(MbufStash, GivesBackWhatWasNotTaken) {
    Pool pool;
    MbufStash stash(pool.get());
    ASSERT_TRUE(stash.have(1));
    rte_pktmbuf_free(stash.fresh());
    EXPECT_FALSE(pool.all());
    stash.give_back();
    EXPECT_TRUE(pool.all());
}

TEST(MbufStash, TakesWhatALowPoolStillHas) {
    Pool pool(5);
    MbufStash stash(pool.get());
    EXPECT_TRUE(stash.have(5));
    EXPECT_FALSE(stash.have(6));
    EXPECT_TRUE(stash.have(5));
}

TEST(MbufStash, HasNoMoreThanItHolds) {
    Pool pool;
    MbufStash stash(pool.get());
    EXPECT_FALSE(stash.have(MbufStash::kSize + 1));
    EXPECT_TRUE(stash.have(MbufStash::kSize));
}

TEST(MbufStash, UsedMbufComesBackAsNew) {
    Pool pool(1);
    rte_mbuf* const used = pool.frame(60);
    used->ol_flags = RTE_MBUF_F_RX_VLAN;
    used->data_off = 7;
    used->port = 3;
    rte_pktmbuf_free(used);

    MbufStash stash(pool.get());
    ASSERT_TRUE(stash.have(1));
    rte_mbuf& raw = stash.raw();
    rearm(raw, {.port = 5});
    EXPECT_EQ(raw.data_off, RTE_PKTMBUF_HEADROOM);
    EXPECT_EQ(rte_mbuf_refcnt_read(&raw), 1);
    EXPECT_EQ(raw.nb_segs, 1);
    EXPECT_EQ(raw.next, nullptr);
    EXPECT_EQ(raw.port, 5);
    rte_pktmbuf_free(&raw);

    ASSERT_TRUE(stash.have(1));
    rte_mbuf* const fresh = stash.fresh();
    EXPECT_EQ(fresh->ol_flags, 0U);
    EXPECT_EQ(fresh->pkt_len, 0U);
    rte_pktmbuf_free(fresh);
}

}  // namespace
}  // namespace vmbus::netvsc::test
