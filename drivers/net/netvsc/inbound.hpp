// Inbound: the one reader of the host's ring. It sorts what comes: transmit completions go to their
// queue, answers to the mailbox, frames to the backlog, where rx.hpp decodes them; packets that are
// done are given back in batches.
// Every function but the getters of Shared words: ring owner only. Owned by the session. No DPDK.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/bytes.hpp"
#include "base/prefetch.hpp"
#include "channel/channel.hpp"
#include "codec/nvsp_codec.hpp"
#include "net/netvsc/completion_queue.hpp"
#include "net/netvsc/control/mailbox.hpp"
#include "net/netvsc/health.hpp"
#include "net/netvsc/loans.hpp"
#include "net/netvsc/rx_backlog.hpp"
#include "net/netvsc/stats.hpp"
#include "net/netvsc/vf_news.hpp"

namespace vmbus::netvsc {

/// Queue pairs of a NIC, and channels: hosts grant no more.
inline constexpr std::uint16_t kMaxQueues = 64;

/// By bucket of a transmit hash: a channel, smaller than kMaxQueues.
using SendTable = std::array<std::uint32_t, 16>;

enum class Link : std::uint32_t { kUnknown, kUp, kDown };

class Inbound {
public:
    /// Most ring packets that one call or burst deals with: a host that floods us with small
    /// packets does not keep an lcore for ever.
    static constexpr unsigned kBudget = 512;

    /// Hosts speak of the whole NIC on its primary channel only.
    enum class Role : std::uint8_t { kPrimary, kSubChannel };

    Inbound(channel::GuestChannel& channel, Mailbox& mailbox, Health& health, Attention attention,
            RingCounters& counters, Role role = Role::kPrimary) noexcept
        : channel_(channel),
          mailbox_(mailbox),
          health_(health),
          attention_(attention),
          counters_(counters),
          role_(role) {}
    Inbound(const Inbound&) = delete;
    Inbound& operator=(const Inbound&) = delete;
    ~Inbound() {
        if (Loans* loans = release_loans(); loans != nullptr) {
            loans->close(nullptr);
        }
    }

    /// Once, when the host has cut the buffer. The backlog takes `backlog` ranges, and at least
    /// those of one packet. False when there is no memory.
    bool set_receive_buffer(base::Bytes buffer, codec::ReceiveLayout layout,
                            std::uint32_t backlog) noexcept;
    /// Where completions of transmit queue `queue` go; nullptr when it sends on another channel,
    /// so that a completion here is a wrong one. Requires: queue < kMaxQueues.
    void connect(std::uint16_t queue, CompletionQueue* completions) noexcept {
        completions_[queue] = completions;
    }
    /// Whether a receive queue takes the frames. Without one, those that take_all() finds are
    /// dropped and counted, so that the host gets its buffer back.
    void set_received(bool received) noexcept { received_ = received; }

    /// Deals with one ring packet. False when there is none, no room for one, or the ring is dead.
    bool take_packet() noexcept;
    /// All there are, within the budget; frames stay in the backlog.
    void take_all() noexcept {
        for (unsigned i = 0; i < kBudget && take_packet(); ++i) {
        }
        if (!received_) {
            discard_ranges();
        }
    }
    /// Gives ring space and done packets back, these from so many on, and signals the host once, if
    /// it must be.
    void finish(std::uint32_t least_acks = 1) noexcept;

    // The oldest range that is not decoded. Requires for the others: has_range().
    bool has_range() const noexcept { return !ranges_.empty(); }
    std::uint32_t backlog() const noexcept { return ranges_.size(); }
    HeldRange& range() noexcept { return ranges_.front(); }
    base::Bytes bytes_of(const HeldRange& range) const noexcept {
        return buffer_.subspan(range.offset, range.length);
    }
    /// range() and those behind it, as far as they lie in a row.
    std::span<HeldRange> ranges() noexcept { return ranges_.front_run(); }
    /// Fetches one of `ranges` that comes soon: its head, which is longer than a line where there
    /// is a hash, and both ends of a small frame where hosts put it. The lines were last written by
    /// another core.
    void prefetch_ahead(std::span<const HeldRange> ranges, std::size_t now) const noexcept {
        constexpr std::size_t kAhead = 3;
        constexpr std::size_t kFrameOffset = 256;  // OpenVMM netvsp
        constexpr std::size_t kSmallFrame = 60;
        if (now + kAhead < ranges.size()) {
            const std::byte* range = buffer_.data() + ranges[now + kAhead].offset;
            __builtin_prefetch(range);
            __builtin_prefetch(range + base::kCacheLine);
            __builtin_prefetch(range + kFrameOffset);
            __builtin_prefetch(range + kFrameOffset + kSmallFrame);
        }
    }
    void range_done() noexcept {
        if (ranges_.front().last) {
            packet_done(ranges_.front());
        }
        pop_ranges(1);
    }
    /// range_done() in two steps, for several at once: for each that ends its packet, in order;
    /// then for all of them. Requires: last.last.
    void packet_done(const HeldRange& last) noexcept {
        if (last.wants_ack &&
            (front_loan_ == nullptr || loans_->settle(*std::exchange(front_loan_, nullptr)))) {
            give_back(last.packet_id, true, last.pieces);
        }
    }
    void pop_ranges(std::uint32_t n) noexcept { ranges_.pop(n); }
    /// From now on at most one piece in 2 * `lanes` of the receive buffer may be lent. False: no
    /// memory. Requires: a receive buffer.
    bool allow_loans(std::uint16_t lanes, Loans::Release release) noexcept;
    /// The loan of the packet that range() is of, if there is one already.
    Loan* front_loan() noexcept { return front_loan_; }
    /// A new one; nullptr where the packet must go back without delay. Requires: no front_loan().
    Loan* lend_front() noexcept;
    /// Ends lending. The caller closes what it gets, which may be nothing.
    Loans* release_loans() noexcept;

    /// Gives back, and counts, everything that is not decoded, for example when the port stops.
    void discard_ranges() noexcept;
    /// By which channels the host would like us to send, once it has said so.
    const std::optional<SendTable>& send_table() const noexcept { return send_table_; }
    bool acks_pending() const noexcept { return !acks_.empty(); }
    /// Pieces of the receive buffer that go back with the next acks, and all that there are.
    std::uint32_t pieces_waiting() const noexcept { return pieces_waiting_; }
    std::uint32_t pieces() const noexcept { return layout_.count; }

    /// An RNDIS message other than a frame, found where frames are expected.
    void on_control(base::Bytes message) noexcept;

    /// The host's read index of our ring is none: the device must not be touched any more, and the
    /// port is told. Any thread.
    void fail_read_index() noexcept;

    /// What the host says of its virtual function. Any thread.
    const VfNews& vf_news() const noexcept { return vf_news_; }

    /// How often the host spoke of the link: a flap may be over before anybody looks. Any thread.
    std::uint32_t link_news() const noexcept {
        // relaxed: a figure; the interrupt thread is called after it by a lock of EAL.
        return link_news_.load_relaxed();
    }
    /// The speed that the host last told of, in Mbit/s; 0 when it did not. Any thread.
    std::uint32_t speed_mbps() const noexcept {
        // relaxed: a figure; the interrupt thread is called after it by a lock of EAL.
        return speed_mbps_.load_relaxed();
    }
    /// What the host last said of the link, if it did. Any thread.
    Link link() const noexcept {
        // relaxed: a state, announces nothing.
        return static_cast<Link>(link_.load_relaxed());
    }

private:
    static constexpr std::uint32_t kMinRoom = wire::kMaxTransferRanges;

    void on_completion(const ring::PacketView& view) noexcept;
    void on_in_band(const ring::PacketView& view) noexcept;
    void on_vf_association(const ring::PacketView& view) noexcept;
    void on_switch_path(const ring::PacketView& view) noexcept;
    void on_send_table(const ring::PacketView& view) noexcept;
    void on_transfer(const ring::PacketView& view) noexcept;
    bool check_transfer(const ring::PacketView& view) noexcept;
    bool hold_ranges(const ring::PacketView& view) noexcept;
    bool is_control(const HeldRange& range) const noexcept;
    void on_status(base::Bytes message) noexcept;
    void give_back(std::uint64_t id, bool success, std::uint32_t pieces) noexcept {
        held_.give(id);
        acks_.push({id, success});
        pieces_waiting_ += pieces;
    }
    bool send_acks() noexcept;
    void collect_loans() noexcept;
    void fail(ring::PacketError error) noexcept;

    channel::GuestChannel& channel_;
    Mailbox& mailbox_;
    Health& health_;
    Attention attention_;
    RingCounters& counters_;
    Role role_;
    bool received_ = true;
    std::array<CompletionQueue*, kMaxQueues> completions_{};
    std::optional<SendTable> send_table_;

    // Constant after set_receive_buffer().
    base::Bytes buffer_{};
    codec::ReceiveLayout layout_{};

    FlatQueue<HeldRange> ranges_{kMinRoom};
    FlatQueue<Ack> acks_{kMinRoom};
    std::uint32_t pieces_waiting_ = 0;  ///< at most, of acks_
    HeldIds held_{0};
    VfNews vf_news_;
    Loans* loans_ = nullptr;  ///< none: nothing is lent
    Loan* front_loan_ = nullptr;
    base::Shared<std::uint32_t> link_{0};
    base::Shared<std::uint32_t> speed_mbps_{0};
    base::Shared<std::uint32_t> link_news_{0};
    std::array<std::byte, wire::kMaxRndisControl> scratch_{};
};

}  // namespace vmbus::netvsc
