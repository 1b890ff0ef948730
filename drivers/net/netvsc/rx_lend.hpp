// Lending of received frames: a loan (loans.hpp) in the words of DPDK. An mbuf points into the
// receive buffer, with the message's own header as its headroom; DPDK counts the mbufs and their
// clones in the loan, and says when the last is gone, on whatever lcore. Ring owner, but for the
// free callback. Docs: docs/nics/netvsc.md, "Receive".
#pragma once

#include <rte_eal.h>
#include <rte_mbuf.h>

#include <cstdint>
#include <new>
#include <optional>
#include <vector>

#include "base/mapping.hpp"
#include "net/netvsc/guest_address.hpp"
#include "net/netvsc/loans.hpp"

namespace vmbus::netvsc {

inline constexpr std::uint32_t kNeverLend = UINT32_MAX;

/// The IOVA of what is lent. With physical addresses that of pages which follow each other: an
/// mbuf's memory is one range for whoever gives it to a device.
class LentAddresses {
public:
    LentAddresses() = default;
    explicit LentAddresses(base::Bytes buffer) noexcept : buffer_(buffer) {
        if (rte_eal_iova_mode() == RTE_IOVA_PA) {
            frames_.resize(buffer.size() / base::system_page_size());
            page_frames(buffer, frames_);
            by_frame_ = true;
        }
    }
    LentAddresses(base::Bytes buffer, std::vector<std::uint64_t> frames) noexcept
        : buffer_(buffer), frames_(std::move(frames)), by_frame_(true) {}

    /// Nothing where the bytes are not one physical range. Requires: bytes of the buffer.
    std::optional<rte_iova_t> of(base::Bytes bytes) const noexcept {
        if (!by_frame_) {
            return reinterpret_cast<rte_iova_t>(bytes.data());
        }
        const std::size_t page = base::system_page_size();
        const auto first = static_cast<std::size_t>(bytes.data() - buffer_.data());
        const std::size_t last = (first + bytes.size() - 1) / page;
        const std::uint64_t frame = frames_[first / page];
        for (std::size_t i = first / page; i <= last; ++i) {
            if (frames_[i] == 0 || frames_[i] - frame != i - first / page) {
                return std::nullopt;
            }
        }
        return frame * page + first % page;
    }

private:
    base::Bytes buffer_{};
    std::vector<std::uint64_t> frames_;
    bool by_frame_ = false;
};

static_assert(sizeof(rte_mbuf_ext_shared_info) <= sizeof(Loan::shared_info) &&
                  std::is_trivially_destructible_v<rte_mbuf_ext_shared_info>,
              "DPDK's part of a loan lies in the loan");

inline rte_mbuf_ext_shared_info& shared_info_of(Loan& loan) noexcept {
    return *std::launder(reinterpret_cast<rte_mbuf_ext_shared_info*>(loan.shared_info));
}

extern "C" inline void netvsc_loan_comes_home(void* /*memory*/, void* loan) noexcept {
    Loans::come_home(*static_cast<Loan*>(loan));
}

/// The ring owner's own hold is the first.
inline void begin_loan(Loan& loan) noexcept {
    new (loan.shared_info) rte_mbuf_ext_shared_info{
        .free_cb = netvsc_loan_comes_home, .fcb_opaque = &loan, .refcnt = 1};
}

inline bool release_loan(Loan& loan) noexcept {
    return rte_mbuf_ext_refcnt_update(&shared_info_of(loan), -1) == 0;
}

/// DPDK counts in 16 bits; half of them are left for clones.
inline bool has_room_for_mbuf(Loan& loan) noexcept {
    return rte_mbuf_ext_refcnt_read(&shared_info_of(loan)) < INT16_MAX;
}

/// Requires: an mbuf fresh from its pool, a loan that the ring owner holds, at most 65535 bytes.
inline void attach_loan(rte_mbuf& mbuf, Loan& loan, base::Bytes bytes, rte_iova_t iova) noexcept {
    rte_mbuf_ext_shared_info& info = shared_info_of(loan);
    rte_mbuf_ext_refcnt_update(&info, 1);
    // Lent memory is the application's to write: the host gets it back when it is freed.
    auto* memory = const_cast<std::byte*>(bytes.data());
    rte_pktmbuf_attach_extbuf(&mbuf, memory, iova, static_cast<std::uint16_t>(bytes.size()), &info);
}

}  // namespace vmbus::netvsc
