// Mailbox: where the answer to the one control request in flight is left, by whoever reads the
// host's ring, for the control thread that waits for it.
// Everything but answered() belongs to the ring owner; the control thread is the owner when it asks
// and when it gives up, so a late answer never lands in the next request's buffer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/shared.hpp"
#include "channel/transactions.hpp"
#include "codec/nvsp_codec.hpp"
#include "codec/rndis_codec.hpp"

namespace vmbus::netvsc {

/// Number spaces of our transaction ids.
inline constexpr std::uint16_t kControlSpace = 1;
inline constexpr std::uint16_t kTxSpace = 0x100;  ///< plus the queue

/// Requests that may be unanswered at once: one in flight, the others are late. Each owns a section
/// of the send buffer, from the first on.
inline constexpr std::uint32_t kControlSlots = 4;

class Mailbox {
public:
    enum State : std::uint32_t {
        kIdle,
        kWaiting,
        kAnswered,
        kRefused,  ///< the host completed the request with a failure
    };
    enum class Kind : std::uint8_t { kNvsp, kRndis };

    /// Ring owner: an id for a request that is about to be sent. Nothing when all are outstanding.
    std::optional<std::uint64_t> begin(Kind kind, std::uint32_t rndis_request_id = 0) noexcept {
        const auto id = outstanding_.begin(kind);
        if (id) {
            awaited_id_ = *id;
            awaited_kind_ = kind;
            awaited_request_ = rndis_request_id;
            size_ = 0;
            // relaxed: the next owner sees it by owner.enter.
            state_.store_relaxed(kWaiting);
        }
        return id;
    }
    /// Ring owner: an id for an RNDIS message whose reply, if it has one, nobody waits for: the one
    /// to this request is passed over. Nothing when all are outstanding.
    std::optional<std::uint64_t> begin_unawaited(
        std::optional<std::uint32_t> rndis_request_id) noexcept {
        const auto id = outstanding_.begin(Kind::kRndis);
        if (id) {
            disregarded_ = rndis_request_id;
        }
        return id;
    }
    /// Ring owner: the send failed, nothing will come.
    void withdraw(std::uint64_t id) noexcept {
        outstanding_.complete(id);
        cancel();
    }
    /// Ring owner: nobody waits any more. The id stays taken until the host gives it back.
    void cancel() noexcept {
        // relaxed: the waiting thread itself does this.
        state_.store_relaxed(kIdle);
    }

    /// Ring owner: a completion in our number space. False when it matches nothing.
    bool on_completion(std::uint64_t id, base::Bytes payload) noexcept;
    /// Ring owner: a whole RNDIS completion, in private memory. False when nobody asked for it, or
    /// nobody waits any more.
    bool on_reply(base::Bytes message, const codec::Completion& reply) noexcept;

    /// Waiting thread.
    State state() const noexcept {
        // sync answer.take -> answer.leave: the state before the bytes of the answer.
        return static_cast<State>(state_.load_acquire());
    }
    /// Waiting thread. Requires: state() == kAnswered. Valid until the next begin().
    base::Bytes answer() const noexcept { return base::Bytes(buffer_).first(size_); }

private:
    bool waits_for(Kind kind) const noexcept {
        // relaxed: the ring owner wrote it, or the owner before.
        return state_.load_relaxed() == kWaiting && awaited_kind_ == kind;
    }
    void leave(base::Bytes answer) noexcept;

    channel::Transactions<Kind> outstanding_{kControlSpace, kControlSlots};
    std::uint64_t awaited_id_ = 0;
    Kind awaited_kind_ = Kind::kNvsp;
    std::uint32_t awaited_request_ = 0;
    std::optional<std::uint32_t> disregarded_;
    std::size_t size_ = 0;
    base::Shared<std::uint32_t> state_{kIdle};
    std::array<std::byte, wire::kMaxRndisControl> buffer_{};
};

}  // namespace vmbus::netvsc
