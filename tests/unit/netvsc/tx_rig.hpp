// A transmit queue on a session whose host is the test.
#pragma once

#include <array>

#include "mbufs.hpp"
#include "net/netvsc/tx.hpp"
#include "ring/gpa_list.hpp"

namespace vmbus::netvsc::test {

struct TxRig : testing::Test {
    void start(const TxOptions& options = {.copybreak = 1536}) {
        queue.start(*connected.session, options);
    }
    std::uint16_t send(std::vector<rte_mbuf*> packets) {
        const auto sent = queue.burst(packets.data(), static_cast<std::uint16_t>(packets.size()));
        rte_pktmbuf_free_bulk(packets.data() + sent, static_cast<unsigned>(packets.size()) - sent);
        return sent;
    }
    std::uint16_t send(unsigned frames, std::uint16_t length) {
        std::vector<rte_mbuf*> packets;
        for (unsigned i = 0; i < frames; ++i) {
            packets.push_back(pool.frame(length, static_cast<int>(i)));
        }
        return send(packets);
    }

    /// One message as the host sees it: what lies in the section, then what lies in pages.
    struct Seen {
        std::uint64_t id;
        wire::PacketType type;
        std::uint32_t section;
        Message bytes;
        std::uint32_t ranges;
    };
    std::optional<Seen> take() {
        const auto view = end.take();
        if (!view) {
            return std::nullopt;
        }
        const auto packet = view->payload<wire::NvspSendRndisPacket>().value();
        Seen seen{view->transaction_id(), view->type(), packet.send_section_index,
                  bytes(end.section(packet.send_section_index).first(packet.send_section_length)),
                  view->range_count()};
        add_pages(*view, seen.bytes);
        return seen;
    }
    std::vector<Seen> take_all() {
        std::vector<Seen> all;
        while (auto seen = take()) all.push_back(*seen);
        return all;
    }
    /// The frames in a message, in order.
    static std::vector<Message> frames(base::Bytes rest) {
        std::vector<Message> all;
        while (!rest.empty()) {
            codec::PacketBounds bounds;
            codec::PacketInfo info;
            if (codec::parse_packet(rest, bounds, info) != codec::RndisPacketError::kNone) {
                ADD_FAILURE() << "malformed";
                break;
            }
            all.push_back(bytes(rest.subspan(bounds.data_offset, bounds.data_length)));
            rest = rest.subspan(bounds.message_length);
        }
        return all;
    }
    void complete(const Seen& seen, wire::NvspStatus status = wire::NvspStatus::kSuccess) {
        end.complete_rndis(seen.id, status);
    }
    /// Fills the ring until it has room for so many data messages.
    void leave_room_for_messages(unsigned count) {
        constexpr std::uint32_t kMessage = 64;
        auto& channel = connected.session->channel();
        while (kRingBytes - 8 - channel.tx().bytes_in_flight() >= (count + 1) * kMessage) {
            ASSERT_EQ(channel.send_in_band(Message(40), 0, false), ring::ReserveStatus::kOk);
        }
    }
    /// The host reads all and completes the data messages; returns how many there were.
    unsigned complete_everything() {
        unsigned seen = 0;
        while (const auto view = end.take()) {
            if (view->completion_requested()) {
                ++seen;
                end.complete_rndis(view->transaction_id());
            }
        }
        reap();
        return seen;
    }
    /// Lets the guest read its completions.
    void reap() {
        connected.session->inbound().take_all();
        connected.session->inbound().finish();
        queue.reap();
    }
    std::uint64_t count(TxCount which) { return queue.counters()[which].value(); }
    TxSlots& slots() { return connected.session->tx_line(0).slots; }

    Pool pool;
    Connected connected;
    HostEnd& end = connected.end;
    TxQueue queue{512};

private:
    /// Guest-physical is virtual here.
    static void add_pages(const ring::PacketView& view, Message& to) {
        if (view.type() != wire::PacketType::kGpaDirect) {
            return;
        }
        Message list(view.gpa_list_size());
        ASSERT_TRUE(view.copy_gpa_list(0, list));
        std::array<ring::GpaSpan, 64> spans;
        const auto parsed = ring::parse_gpa_list(list, view.range_count(), spans);
        ASSERT_EQ(parsed.error, ring::GpaListError::kNone);
        for (std::size_t i = 0; i < parsed.spans; ++i) {
            const auto* from = reinterpret_cast<const std::byte*>(spans[i].gpa);
            to.insert(to.end(), from, from + spans[i].length);
        }
    }
};

}  // namespace vmbus::netvsc::test
