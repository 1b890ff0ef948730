// The receive buffer: memory that the host fills and lends to the guest piece by piece. The first
// pieces carry control messages, the others frames. Several pieces go out in one packet, as a
// chain; the guest returns the whole chain by the number of its first piece. The channels that
// deliver frames each have a share of the pieces.
// Owned by the session; host thread only. The last piece returned is the first one used again: it
// is the one that is still in the cache.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"

namespace vmbus::host {

/// Most channels of a NIC, the primary included (NVSP hosts).
inline constexpr std::uint32_t kMaxChannels = 64;
/// Pieces for control messages: 0..15, as hosts have it.
inline constexpr std::uint32_t kControlPieces = 16;
/// In a piece, where the frame starts; and what is left free behind it (OpenVMM netvsp/buffers.rs).
inline constexpr std::uint32_t kFrameOffset = 256;
inline constexpr std::uint32_t kPieceTail = 36;

/// How long pieces are: no longer than OpenVMM's, so that heads lie at any even address; or whole
/// cache lines, as are the 1728 bytes that Linux expects of a host (hyperv_net.h).
enum class PieceLength : std::uint8_t { kTight, kLines };

/// How many data pieces a channel has of `pieces` in all.
struct PieceShares {
    std::uint32_t each = 0;
    std::uint32_t last = 0;  ///< it takes what is left over
};
/// Nothing when there is not one for each.
std::optional<PieceShares> piece_shares(std::uint32_t pieces, std::size_t channels) noexcept;

class ReceiveBuffer {
public:
    /// The guest handed the buffer over; frames have at most `mtu` bytes, header included. False
    /// when it is too small for control messages and one frame.
    bool attach(base::MutableBytes bytes, std::uint16_t pageset_id, std::uint32_t mtu,
                PieceLength length = PieceLength::kTight) noexcept;
    bool attached() const noexcept { return count_ > 0; }
    void detach() noexcept { count_ = lent_data_ = 0; }

    /// Where the pieces are: a value.
    struct Cut {
        base::MutableBytes bytes;
        std::uint32_t piece_bytes = 0;

        std::uint32_t offset_of(std::uint32_t piece) const noexcept { return piece * piece_bytes; }
        base::MutableBytes piece(std::uint32_t index) const noexcept {
            return bytes.subspan(std::size_t{index} * piece_bytes, piece_bytes);
        }
    };
    const Cut& cut() const noexcept { return cut_; }

    std::uint16_t pageset_id() const noexcept { return pageset_id_; }
    std::uint32_t piece_bytes() const noexcept { return cut_.piece_bytes; }
    std::uint32_t count() const noexcept { return count_; }
    std::uint32_t offset_of(std::uint32_t piece) const noexcept { return cut_.offset_of(piece); }
    base::Bytes bytes() const noexcept { return cut_.bytes; }
    base::MutableBytes piece(std::uint32_t index) const noexcept { return cut_.piece(index); }

    std::uint32_t free_control() const noexcept {
        return static_cast<std::uint32_t>(free_control_.size());
    }
    std::uint32_t free_data(std::uint32_t channel = 0) const noexcept {
        return static_cast<std::uint32_t>(free_data_[channel].size());
    }
    /// Pieces with frames that the guest has.
    std::uint32_t lent_data() const noexcept { return lent_data_; }
    /// The n-th piece that a channel will be lent. Requires: n < free_data(channel).
    base::MutableBytes upcoming(std::uint32_t channel, std::size_t n) const noexcept {
        const auto& free = free_data_[channel];
        return piece(free[free.size() - 1 - n]);
    }
    /// From now on these channels deliver frames, each out of its share. What is lent goes to its
    /// new owner when it comes back. At first all belongs to channel 0. False, and nothing changed,
    /// when there is not a piece for each.
    bool share(std::span<const std::uint8_t> channels);
    /// Lends pieces of a channel as one chain, whose number is pieces[0]. Requires: 0 <
    /// pieces.size() <= free_data(channel).
    void lend_data(std::span<std::uint32_t> pieces, std::uint32_t channel = 0) noexcept;
    /// Lends one piece for a control message. Requires: free_control() > 0.
    std::uint32_t lend_control() noexcept;
    /// Takes back the last pieces of a chain that turned out shorter. Requires: all lent as one
    /// chain, `keep` > 0.
    void shorten(std::span<const std::uint32_t> pieces, std::size_t keep) noexcept;

    /// The channel on which the chain with this number was lent; nothing when none is.
    std::optional<std::uint32_t> lent_on(std::uint64_t number) const noexcept;
    /// The guest returns a chain. False when no chain with that number is lent.
    bool give_back(std::uint64_t number) noexcept;

private:
    static constexpr std::uint32_t kEnd = UINT32_MAX;  // last of its chain
    void put_back(std::uint32_t piece) noexcept;

    Cut cut_;
    std::uint16_t pageset_id_ = 0;
    std::uint32_t count_ = 0;
    std::uint32_t lent_data_ = 0;
    std::vector<std::uint32_t> next_;    // within a chain
    std::vector<std::uint8_t> lent_on_;  // 1 + the channel, for the first of a chain that is lent
    std::vector<std::uint8_t> owner_;    // the channel whose piece it is
    std::vector<std::uint32_t> free_control_;
    std::array<std::vector<std::uint32_t>, kMaxChannels> free_data_;
};

}  // namespace vmbus::host
