#include "host/receive_buffer.hpp"

#include <algorithm>
#include <functional>

#include "base/prefetch.hpp"

namespace vmbus::host {

std::optional<PieceShares> piece_shares(std::uint32_t pieces, std::size_t channels) noexcept {
    if (channels == 0 || pieces <= kControlPieces || pieces - kControlPieces < channels) {
        return std::nullopt;
    }
    const auto count = static_cast<std::uint32_t>(channels);
    const std::uint32_t each = (pieces - kControlPieces) / count;
    return PieceShares{each, pieces - kControlPieces - each * (count - 1)};
}

bool ReceiveBuffer::attach(base::MutableBytes bytes, std::uint16_t pageset_id, std::uint32_t mtu,
                           PieceLength length) noexcept {
    constexpr std::uint32_t kLine = base::kCacheLine;
    const std::uint32_t tight = kFrameOffset + mtu + kPieceTail;
    const std::uint32_t piece_bytes =
        length == PieceLength::kTight ? tight : (tight + kLine - 1) / kLine * kLine;
    const auto count = static_cast<std::uint32_t>(bytes.size() / piece_bytes);
    if (count <= kControlPieces) {
        return false;
    }
    cut_ = {bytes, piece_bytes};
    pageset_id_ = pageset_id;
    count_ = count;
    next_.assign(count, kEnd);
    lent_on_.assign(count, 0);
    owner_.assign(count, 0);
    free_control_.clear();
    for (auto& free : free_data_) {
        free.clear();
    }
    free_control_.reserve(kControlPieces);
    free_data_[0].reserve(count - kControlPieces);
    // Backwards, so that the lowest goes out first.
    for (std::uint32_t piece = count; piece-- > 0;) {
        put_back(piece);
    }
    lent_data_ = 0;
    return true;
}

void ReceiveBuffer::put_back(std::uint32_t piece) noexcept {
    (piece < kControlPieces ? free_control_ : free_data_[owner_[piece]]).push_back(piece);
}

bool ReceiveBuffer::share(std::span<const std::uint8_t> channels) {
    const auto shares = piece_shares(count_, channels.size());
    if (!shares) {
        return false;
    }
    for (std::uint32_t piece = kControlPieces; piece < count_; ++piece) {
        const std::size_t at = (piece - kControlPieces) / shares->each;
        owner_[piece] = channels[std::min(at, channels.size() - 1)];
    }
    std::vector<std::uint32_t> free;
    for (auto& each : free_data_) {
        free.insert(free.end(), each.begin(), each.end());
        each.clear();
    }
    std::sort(free.begin(), free.end(), std::greater<>());
    for (const std::uint32_t piece : free) {
        put_back(piece);
    }
    return true;
}

void ReceiveBuffer::lend_data(std::span<std::uint32_t> pieces, std::uint32_t channel) noexcept {
    auto& free = free_data_[channel];
    lent_data_ += static_cast<std::uint32_t>(pieces.size());
    std::copy_n(free.rbegin(), pieces.size(), pieces.begin());
    free.resize(free.size() - pieces.size());
    for (std::size_t i = 1; i < pieces.size(); ++i) {
        next_[pieces[i - 1]] = pieces[i];
    }
    next_[pieces.back()] = kEnd;
    lent_on_[pieces[0]] = static_cast<std::uint8_t>(channel + 1);
}

std::uint32_t ReceiveBuffer::lend_control() noexcept {
    const std::uint32_t piece = free_control_.back();
    free_control_.pop_back();
    next_[piece] = kEnd;
    lent_on_[piece] = 1;
    return piece;
}

void ReceiveBuffer::shorten(std::span<const std::uint32_t> pieces, std::size_t keep) noexcept {
    for (std::size_t i = pieces.size(); i-- > keep;) {
        put_back(pieces[i]);
        --lent_data_;
    }
    next_[pieces[keep - 1]] = kEnd;
}

std::optional<std::uint32_t> ReceiveBuffer::lent_on(std::uint64_t number) const noexcept {
    if (number >= count_ || lent_on_[number] == 0) {
        return std::nullopt;
    }
    return lent_on_[number] - 1U;
}

bool ReceiveBuffer::give_back(std::uint64_t number) noexcept {
    if (!lent_on(number)) {
        return false;
    }
    lent_on_[number] = 0;
    for (auto piece = static_cast<std::uint32_t>(number); piece != kEnd;) {
        const std::uint32_t next = next_[piece];
        put_back(piece);
        lent_data_ -= piece < kControlPieces ? 0 : 1;
        piece = next;
    }
    return true;
}

}  // namespace vmbus::host
