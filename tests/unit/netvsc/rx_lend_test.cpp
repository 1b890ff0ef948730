#include "net/netvsc/rx_lend.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "mbufs.hpp"
#include "net/netvsc/rx.hpp"

namespace vmbus::netvsc::test {
namespace {

constexpr std::size_t kHead = 44;  // of data_message()

struct Lending : testing::Test {
    Lending() { start(256); }
    void start(std::uint32_t lend_above) {
        queue.start(*connected.session, {.lend_above = lend_above, .addresses = &addresses});
    }
    std::vector<rte_mbuf*> burst() {
        std::array<rte_mbuf*, 64> mbufs{};
        const auto n = queue.burst(mbufs.data(), 64);
        return {mbufs.begin(), mbufs.begin() + n};
    }
    rte_mbuf* receive(std::uint32_t id, std::uint32_t length) {
        end.deliver(id, data_message(length, static_cast<int>(id)));
        const auto got = burst();
        EXPECT_EQ(got.size(), 1U);
        return got.empty() ? nullptr : got[0];
    }
    unsigned acks() {
        unsigned n = 0;
        while (end.take()) ++n;
        return n;
    }
    std::uint64_t lent() { return queue.counters()[RxCount::kLent].value(); }

    Pool pool;
    Connected connected;
    HostEnd& end = connected.end;
    LentAddresses addresses;
    RxQueue queue{pool.get(), 0, 512};
};

TEST_F(Lending, LargeFrameIsReadWhereItLies) {
    rte_mbuf* mbuf = receive(5, 1514);
    EXPECT_TRUE(RTE_MBUF_HAS_EXTBUF(mbuf));
    const Message sent = data_message(1514, 5);
    EXPECT_EQ(frame_bytes(mbuf), Message(sent.begin() + kHead, sent.end()));
    EXPECT_GE(rte_pktmbuf_headroom(mbuf), kHead) << "the message's own header";
    EXPECT_EQ(acks(), 0U) << "the application has it";
    rte_pktmbuf_free(mbuf);
    EXPECT_TRUE(burst().empty());
    EXPECT_EQ(acks(), 1U);
}

// row: rx_copybreak
TEST_F(Lending, FrameUpToTheLimitIsCopied) {
    rte_mbuf* mbuf = receive(5, 256);
    EXPECT_FALSE(RTE_MBUF_HAS_EXTBUF(mbuf));
    EXPECT_EQ(acks(), 1U);
    rte_pktmbuf_free(mbuf);
}

// row: rx_external_buffers
TEST_F(Lending, PacketGoesBackWithTheLastCloneOfItsLastFrame) {
    end.transfer({.id = 1,
                  .ranges = {end.piece(1, data_message(600, 1)), end.piece(2, data_message(60, 2)),
                             end.piece(3, data_message(700, 3))}});
    const auto got = burst();
    ASSERT_EQ(got.size(), 3U);
    rte_mbuf* clone = rte_pktmbuf_clone(got[2], &pool.get());
    for (rte_mbuf* mbuf : got) rte_pktmbuf_free(mbuf);
    burst();
    EXPECT_EQ(acks(), 0U);
    rte_pktmbuf_free(clone);
    burst();
    EXPECT_EQ(acks(), 1U);
}

TEST_F(Lending, AnotherThreadMayFreeIt) {
    rte_mbuf* mbuf = receive(5, 1000);
    std::thread([mbuf] { rte_pktmbuf_free(mbuf); }).join();
    burst();
    EXPECT_EQ(acks(), 1U);
}

TEST_F(Lending, CopiesWhenHalfOfTheBufferIsLent) {
    std::vector<rte_mbuf*> held;
    const auto count = connected.session->facts().receive.count;
    for (std::uint32_t id = 0; id + 1 < count; ++id) held.push_back(receive(id, 1000));
    EXPECT_EQ(lent(), count / 2);
    EXPECT_EQ(acks(), count - 1 - count / 2);
    rte_pktmbuf_free_bulk(held.data(), static_cast<unsigned>(held.size()));
}

TEST_F(Lending, PacketThatTheHostDoesNotWantBackIsCopied) {
    end.transfer({.id = 1, .ranges = {end.piece(1, data_message(600, 1))}, .wants_ack = false});
    const auto got = burst();
    ASSERT_EQ(got.size(), 1U);
    EXPECT_FALSE(RTE_MBUF_HAS_EXTBUF(got[0]));
    rte_pktmbuf_free(got[0]);
}

// defect: 4.4-8 a frame whose tag is kept arrives, also where frames are lent
TEST_F(Lending, FrameWhoseTagIsPutBackIsCopied) {
    end.deliver(1, data_message(600, 0, {.has = codec::PacketInfo::kVlan, .vlan = 0x643}));
    const auto got = burst();
    ASSERT_EQ(got.size(), 1U);
    EXPECT_FALSE(RTE_MBUF_HAS_EXTBUF(got[0]));
    EXPECT_EQ(got[0]->pkt_len, 604U);
    rte_pktmbuf_free(got[0]);
}

// defect: 4.3-8 an id that comes again while its packet is lent is refused
TEST_F(Lending, IdThatIsLentIsNotTakenAgain) {
    rte_mbuf* mbuf = receive(5, 1000);
    end.deliver(5, data_message(1000, 1));
    EXPECT_TRUE(burst().empty());
    rte_pktmbuf_free(mbuf);
    burst();
    EXPECT_EQ(acks(), 1U);
}

// defect: 4.4-15 a frame held over a stop and a new start is acknowledged once, on its own channel
TEST_F(Lending, FrameHeldOverStopAndStartGoesBackOnce) {
    rte_mbuf* mbuf = receive(5, 1000);
    queue.stop();
    start(256);
    EXPECT_EQ(acks(), 0U);
    rte_pktmbuf_free(mbuf);
    burst();
    EXPECT_EQ(acks(), 1U);
}

// defect: 4.4-15 addresses of what is not one physical range are not made up
TEST(LentAddresses, BytesAcrossPagesThatDoNotFollowEachOtherHaveNone) {
    const std::size_t page = base::system_page_size();
    const std::vector<std::byte> memory(3 * page);
    const base::Bytes bytes(memory);
    const LentAddresses addresses(bytes, {7, 8, 20});
    EXPECT_EQ(addresses.of(bytes.subspan(10, page)), 7 * page + 10);
    EXPECT_EQ(addresses.of(bytes.subspan(2 * page, page)), 20 * page);
    EXPECT_FALSE(addresses.of(bytes.subspan(page + 1, page)).has_value());
}

TEST(LentAddresses, HiddenPagesHaveNone) {
    const std::vector<std::byte> memory(base::system_page_size());
    EXPECT_FALSE(LentAddresses(memory, {0}).of(memory).has_value());
}

}  // namespace
}  // namespace vmbus::netvsc::test
