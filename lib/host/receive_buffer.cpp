#include "host/receive_buffer.hpp"

namespace vmbus::host {

bool ReceiveBuffer::attach(base::MutableBytes bytes, std::uint16_t pageset_id,
                           std::uint32_t mtu) noexcept {
    const std::uint32_t piece_bytes = kFrameOffset + mtu + kPieceTail;
    const auto count = static_cast<std::uint32_t>(bytes.size() / piece_bytes);
    if (count <= kControlPieces) {
        return false;
    }
    bytes_ = bytes;
    pageset_id_ = pageset_id;
    piece_bytes_ = piece_bytes;
    count_ = count;
    next_.assign(count, kEnd);
    lent_as_first_.assign(count, 0);
    free_control_.clear();
    free_data_.clear();
    free_control_.reserve(kControlPieces);
    free_data_.reserve(count - kControlPieces);
    // Backwards, so that the lowest goes out first.
    for (std::uint32_t piece = count; piece-- > 0;) {
        put_back(piece);
    }
    return true;
}

void ReceiveBuffer::put_back(std::uint32_t piece) noexcept {
    (piece < kControlPieces ? free_control_ : free_data_).push_back(piece);
}

void ReceiveBuffer::lend_data(std::span<std::uint32_t> pieces) noexcept {
    std::uint32_t previous = kEnd;
    for (std::uint32_t& piece : pieces) {
        piece = free_data_.back();
        free_data_.pop_back();
        next_[piece] = kEnd;
        if (previous != kEnd) {
            next_[previous] = piece;
        }
        previous = piece;
    }
    lent_as_first_[pieces[0]] = 1;
}

std::uint32_t ReceiveBuffer::lend_control() noexcept {
    const std::uint32_t piece = free_control_.back();
    free_control_.pop_back();
    next_[piece] = kEnd;
    lent_as_first_[piece] = 1;
    return piece;
}

void ReceiveBuffer::shorten(std::span<const std::uint32_t> pieces, std::size_t keep) noexcept {
    for (std::size_t i = pieces.size(); i-- > keep;) {
        put_back(pieces[i]);
    }
    next_[pieces[keep - 1]] = kEnd;
}

bool ReceiveBuffer::give_back(std::uint64_t number) noexcept {
    if (number >= count_ || lent_as_first_[number] == 0) {
        return false;
    }
    lent_as_first_[number] = 0;
    for (auto piece = static_cast<std::uint32_t>(number); piece != kEnd;) {
        const std::uint32_t next = next_[piece];
        put_back(piece);
        piece = next;
    }
    return true;
}

}  // namespace vmbus::host
