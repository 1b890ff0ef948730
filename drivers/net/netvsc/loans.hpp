// Loans: pieces of the receive buffer that the application holds as external buffers of mbufs. A
// loan is for one packet of the host, however many mbufs point into it; the packet goes back to the
// host when the last of them is freed, on whatever thread, and the reader of the ring is done too.
// A table for each lane. lend(), settle() and collect(): ring owner. come_home(): any thread, also
// long after the lane: the table goes with its last loan. No DPDK.
// Docs: docs/nics/netvsc.md, "Receive"; docs/memory-model.md, "Loans".
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>

#include "base/mapping.hpp"
#include "base/shared.hpp"

namespace vmbus::netvsc {

class Loans;

struct Loan {
    /// Where the driver keeps DPDK's rte_mbuf_ext_shared_info; first, in a line of its own.
    alignas(64) std::byte shared_info[24];
    // Ring owner writes, constant while lent.
    Loans* table = nullptr;
    std::uint64_t packet_id = 0;
    std::uint32_t pieces = 0;  ///< of the receive buffer that stay away
    std::uint32_t begin = 0;   ///< of all bytes that are lent, from the buffer's start
    std::uint32_t end = 0;
    bool out = false;
    // Written by whoever returns it, read by the ring owner.
    std::uint32_t next = 0;
};

class Loans {
public:
    /// Drops the ring owner's own hold on the loan; true when nobody else holds it.
    using Release = bool (*)(Loan& loan) noexcept;

    /// At most `most` packets and `most_pieces` pieces are away. nullptr: no memory.
    static Loans* create(std::uint32_t most, std::uint32_t most_pieces, Release release) noexcept;
    Loans(const Loans&) = delete;
    Loans& operator=(const Loans&) = delete;

    /// A loan for a packet of so many pieces, held by the ring owner until settle(); nullptr when
    /// too much is away already.
    Loan* lend(std::uint64_t packet_id, std::uint32_t pieces) noexcept;
    /// The ring owner is done with the packet. True: so is everybody else, it goes back now.
    bool settle(Loan& loan) noexcept {
        if (!release_(loan)) {
            return false;
        }
        take_in(loan);
        return true;
    }
    /// Calls give_back(packet_id, pieces) for what came home, for at most `room` packets.
    template <class GiveBack>
    void collect(std::uint32_t room, GiveBack&& give_back) noexcept {
        // relaxed: only a look; what is missed comes with the next burst.
        if (pending_ == kNone && head_.load_relaxed() == kNone) {
            return;
        }
        if (pending_ == kNone) {
            // sync loan.collect -> loan.home: the link of each, and the last use of its bytes.
            pending_ = head_.exchange_acquire(kNone);
        }
        for (; pending_ != kNone && room > 0; --room) {
            Loan& loan = loans_[pending_ - 1];
            pending_ = loan.next;
            give_back(loan.packet_id, loan.pieces);
            take_in(loan);
        }
    }

    /// The last mbuf of a loan is gone.
    static void come_home(Loan& loan) noexcept;

    std::uint32_t lent() const noexcept { return lent_; }
    std::uint32_t pieces_lent() const noexcept { return pieces_lent_; }
    std::span<const Loan> all() const noexcept { return {loans_.get(), most_}; }

    /// The lane is gone, and its packets with it. What is lent lies in `memory` from now on, which
    /// is kept until it came home. The table must not be used any more.
    void close(std::shared_ptr<base::Mapping> memory) noexcept;

private:
    static constexpr std::uint32_t kNone = 0;  ///< indices count from 1
    static constexpr std::uint32_t kClosed = ~0U;

    Loans(std::uint32_t most, std::uint32_t most_pieces, Release release) noexcept;
    ~Loans() = default;
    void take_in(Loan& loan) noexcept;
    void left(std::int64_t change) noexcept;

    // Constant after construction.
    Release release_;
    std::uint32_t most_;
    std::uint32_t most_pieces_;
    std::unique_ptr<Loan[]> loans_;
    // Ring owner.
    std::unique_ptr<std::uint32_t[]> free_;
    std::uint32_t lent_ = 0;
    std::uint32_t pieces_lent_ = 0;
    std::uint32_t pending_ = kNone;  ///< collected, not given back yet
    // Whoever closes writes, before loan.count.
    std::shared_ptr<base::Mapping> memory_;
    // Any thread.
    alignas(64) base::Shared<std::uint32_t> head_{kNone};
    std::atomic<std::int64_t> left_{0};  ///< loans out at close(), less those home since
};

/// Puts a private copy of what is lent in place of `buffer`, at the same address, so that the
/// device's pages are free and whoever reads the lent bytes does not notice. False: the old pages
/// are still there.
bool replace_by_copy(base::MutableBytes buffer, std::span<Loans* const> tables) noexcept;

}  // namespace vmbus::netvsc
