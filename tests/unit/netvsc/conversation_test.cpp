// Session and queues against the emulated host itself, in one process: what either side believes of
// the wire must be the same.
#include <gtest/gtest.h>

#include <array>
#include <deque>

#include "host/nic.hpp"
#include "mbufs.hpp"
#include "net/netvsc/ethdev_offloads.hpp"
#include "net/netvsc/rx.hpp"
#include "net/netvsc/tx.hpp"
#include "support/tcp_frame.hpp"

namespace vmbus::netvsc::test {
namespace {

/// What the guest sends comes back.
class EchoPort final : public host::Port {
public:
    void transmit(std::span<const host::Frame> frames) noexcept override {
        for (const auto& frame : frames) waiting_.push_back(bytes(frame.bytes));
    }
    std::size_t receive(std::span<host::Frame> frames) noexcept override {
        lent_.clear();
        while (lent_.size() < frames.size() && !waiting_.empty()) {
            lent_.push_back(std::move(waiting_.front()));
            waiting_.pop_front();
        }
        for (std::size_t i = 0; i < lent_.size(); ++i) frames[i] = {lent_[i]};
        return lent_.size();
    }

private:
    std::deque<Message> waiting_;
    std::vector<Message> lent_;
};

/// Guest-physical is virtual: the host is in this process.
class SameMemory final : public host::GuestMemory {
public:
    bool read(std::uint64_t gpa, base::MutableBytes out) noexcept override {
        std::memcpy(out.data(), reinterpret_cast<const void*>(gpa), out.size());
        return true;
    }
    bool gather(std::span<const host::GpaSpan> spans, base::MutableBytes out) noexcept override {
        for (const auto& span : spans) {
            read(span.gpa, out.first(span.length));
            out = out.subspan(span.length);
        }
        return out.empty();
    }
};

struct NoInterrupt final : host::Interrupt {
    void raise(std::uint32_t) noexcept override {}
};

struct Mode {
    ring::Publication ring;
    std::uint32_t copybreak;
    wire::NvspVersion version;
};

class Conversation : public testing::TestWithParam<Mode> {
protected:
    Conversation() {
        spec.nvsp = GetParam().version;
        spec.mac = {0x00, 0x15, 0x5D, 0, 0, 1};
        nic = std::make_unique<host::Nic>(
            spec,
            host::NicMemory{.rings = {rig.rings[0].bytes, rig.rings.size() * sizeof(Page)},
                            .buffers = {.receive = rig.receive,
                                        .receive_gpadl = kReceiveGpadl,
                                        .send = rig.send,
                                        .send_gpadl = kSendGpadl}},
            port, interrupt);
        EXPECT_TRUE(nic->open(memory));
        thread = std::jthread([this](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                if (!nic->poll()) std::this_thread::yield();
            }
        });
        options.counters = {&counters, 1};
        options.free_mbuf = [](rte_mbuf* mbuf) noexcept { rte_pktmbuf_free(mbuf); };
        auto resources = rig.resources();
        resources.channel = rig.channel(GetParam().ring);
        session = Session::open(std::move(resources), options, failure);
    }
    ~Conversation() override {
        session.reset();
        thread.request_stop();
        thread.join();
        EXPECT_EQ(nic->violations().total(), 0U);
    }
    void start() {
        rx.start(*session, {});
        tx.start(*session, {.copybreak = GetParam().copybreak,
                            .addresses_known = true,
                            .single_producer = GetParam().ring == ring::Publication::kSingle});
        EXPECT_EQ(oids::set_packet_filter(session->rndis(), 0x2D), 0);
    }

    /// Ethernet, IPv4, UDP, and garbage where the checksums are.
    rte_mbuf* bad_udp_frame() {
        constexpr std::uint8_t kHead[] = {0x08, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17};
        constexpr std::uint8_t kLength[] = {0, 26};
        rte_mbuf* mbuf = pool.frame(60);
        std::memcpy(rte_pktmbuf_mtod_offset(mbuf, std::byte*, 12), kHead, sizeof kHead);
        std::memcpy(rte_pktmbuf_mtod_offset(mbuf, std::byte*, 38), kLength, sizeof kLength);
        return mbuf;
    }
    /// So many frames, or those that came in time.
    Frames receive(std::size_t count) {
        Frames all;
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (all.size() < count && std::chrono::steady_clock::now() < deadline) {
            rte_mbuf* mbuf = nullptr;
            if (rx.burst(&mbuf, 1) == 1) {
                all.push_back(frame_bytes(mbuf));
                rte_pktmbuf_free(mbuf);
            } else {
                std::this_thread::yield();
            }
        }
        return all;
    }
    std::uint64_t flags_of_echo(rte_mbuf* mbuf) {
        EXPECT_EQ(tx.burst(&mbuf, 1), 1);
        rte_mbuf* back = nullptr;
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (rx.burst(&back, 1) == 0 && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::yield();
        }
        const std::uint64_t flags = back == nullptr ? 0 : back->ol_flags;
        rte_pktmbuf_free(back);
        tx.reap();
        return flags;
    }

    Pool pool{2047};
    Rig rig;
    EchoPort port;
    SameMemory memory;
    NoInterrupt interrupt;
    host::NicSpec spec{};
    std::unique_ptr<host::Nic> nic;
    std::jthread thread;
    RingCounters counters;
    SessionOptions options;
    Session::Failure failure;
    std::unique_ptr<Session> session;
    RxQueue rx{pool.get(), 0, 512};
    TxQueue tx{512};
};

TEST_P(Conversation, EveryFrameComesBackInOrderAndUnchanged) {
    ASSERT_NE(session, nullptr) << failure.doing;
    start();
    constexpr unsigned kFrames = 1000;
    const auto length = [](unsigned i) { return static_cast<std::uint16_t>(60 + i * 37 % 1455); };
    unsigned sent = 0;
    unsigned received = 0;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (received < kFrames && std::chrono::steady_clock::now() < deadline) {
        if (sent < kFrames && sent - received < 40) {
            rte_mbuf* frame = pool.frame(length(sent), static_cast<int>(sent));
            if (tx.burst(&frame, 1) == 1)
                ++sent;
            else
                rte_pktmbuf_free(frame);
        }
        std::array<rte_mbuf*, 8> mbufs{};
        const auto n = rx.burst(mbufs.data(), 8);
        for (std::uint16_t i = 0; i < n; ++i, ++received) {
            rte_mbuf* expected = pool.frame(length(received), static_cast<int>(received));
            EXPECT_EQ(frame_bytes(mbufs[i]), frame_bytes(expected)) << received;
            rte_pktmbuf_free(expected);
        }
        rte_pktmbuf_free_bulk(mbufs.data(), n);
    }
    EXPECT_EQ(received, kFrames);
    EXPECT_EQ(errors_of(rx.counters()) + errors_of(tx.counters()), 0U);
    rx.stop();
}

TEST_P(Conversation, HostVerifiesWhatItWasToldToVerify) {
    ASSERT_NE(session, nullptr) << failure.doing;
    const ChecksumOffloads can = session->facts().offloads.checksums;
    EXPECT_EQ(can.rx, kChecksumIpv4 | kChecksumTcp | kChecksumUdp);
    EXPECT_EQ((can.tx & kChecksumUdp) != 0, GetParam().version >= wire::NvspVersion::kV5);
    ASSERT_EQ(session->use_offloads({.checksums = {.tx = can.tx, .rx = kChecksumUdp}}), 0);
    start();
    rx.start(*session, {.checksum_flags = reported_flags(can.rx)});
    const auto flags = flags_of_echo(bad_udp_frame());
    EXPECT_EQ(flags, RTE_MBUF_F_RX_L4_CKSUM_BAD) << "and nothing of the IP header";
    rx.stop();
}

/// A TCP frame in mbufs that asks to be cut at `mss` bytes.
rte_mbuf* large_send(Pool& pool, const support::TcpFrame& fields, std::uint16_t mss) {
    const auto bytes = support::tcp_frame(fields);
    rte_mbuf* head = nullptr;
    for (std::size_t at = 0; at < bytes.size(); at += 1000) {
        const auto part = std::min<std::size_t>(1000, bytes.size() - at);
        rte_mbuf* segment = pool.frame(static_cast<std::uint16_t>(part));
        std::memcpy(rte_pktmbuf_mtod(segment, std::byte*), bytes.data() + at, part);
        if (head == nullptr) {
            head = segment;
        } else {
            EXPECT_EQ(rte_pktmbuf_chain(head, segment), 0);
        }
    }
    head->l2_len = 14;
    head->l3_len = fields.v6 ? 40 : 20;
    head->l4_len = 20;
    head->tso_segsz = mss;
    head->ol_flags = RTE_MBUF_F_TX_TCP_SEG |
                     (fields.v6 ? RTE_MBUF_F_TX_IPV6 : RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM);
    return head;
}

// row: tx_segmentation
TEST_P(Conversation, LargeSendComesBackInSegmentsWithRightSums) {
    ASSERT_NE(session, nullptr) << failure.doing;
    rte_eth_conf conf{};
    conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_TCP_TSO;
    const HostOffloads& host = session->facts().offloads;
    ASSERT_TRUE(host.lso_ipv4.offered() && host.lso_ipv6.offered());
    ASSERT_EQ(session->use_offloads(used_of(conf, host)), 0);
    start();
    tx.start(*session, {.addresses_known = true,
                        .single_producer = GetParam().ring == ring::Publication::kSingle,
                        .can = abilities_of(conf, host, 1518)});
    for (const bool v6 : {false, true}) {
        const support::TcpFrame fields{.v6 = v6, .payload = 5300};
        rte_mbuf* packet = large_send(pool, fields, 1000);
        ASSERT_EQ(tx.prepare(&packet, 1), 1);
        ASSERT_EQ(tx.burst(&packet, 1), 1);
        Message payload;
        const auto frames = receive(6);
        EXPECT_EQ(frames.size(), 6U);
        for (const Message& frame : frames) {
            EXPECT_TRUE(support::tcp_sums_right(frame));
            payload.insert(payload.end(), frame.begin() + static_cast<long>(fields.header()),
                           frame.end());
        }
        const auto whole = support::tcp_frame(fields);
        EXPECT_EQ(payload,
                  Message(whole.begin() + static_cast<long>(fields.header()), whole.end()));
        tx.reap();
    }
    rx.stop();
}

INSTANTIATE_TEST_SUITE_P(
    Modes, Conversation,
    testing::Values(Mode{ring::Publication::kOrdered, 1536, wire::NvspVersion::kV61},
                    Mode{ring::Publication::kRelaxed, 256, wire::NvspVersion::kV6},
                    Mode{ring::Publication::kSingle, 0, wire::NvspVersion::kV5},
                    Mode{ring::Publication::kOrdered, 1536, wire::NvspVersion::kV1}));

}  // namespace
}  // namespace vmbus::netvsc::test
