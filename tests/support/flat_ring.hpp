// A ring in ordinary memory for tests, and a few verbs to talk about it: the test plays the other
// side of the hypervisor. One mapping, so that ThreadSanitizer sees both ends.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "ring/memory.hpp"
#include "ring/reader.hpp"
#include "ring/writer.hpp"

namespace vmbus::support {

/// Control page and data of one ring, both indices at `start_index`. Requires: size % 8 == 0.
class FlatRing {
public:
    explicit FlatRing(std::uint32_t size = 4096, std::uint32_t start_index = 0)
        : page_(new wire::RingPage()), data_(size) {
        auto memory = view();
        ring::initialise(memory);
        page_->in.store_relaxed(start_index);
        page_->out.store_relaxed(start_index);
    }

    ring::MappedRing view() noexcept {
        return {*page_, data_.data(), static_cast<std::uint32_t>(data_.size())};
    }
    wire::RingPage& page() noexcept { return *page_; }
    base::MutableBytes data() noexcept { return data_; }

    std::uint32_t in() const noexcept { return page_->in.load_relaxed(); }
    std::uint32_t out() const noexcept { return page_->out.load_relaxed(); }

private:
    std::unique_ptr<wire::RingPage> page_;
    std::vector<std::byte> data_;
};

using Blob = std::vector<std::byte>;

/// `n` bytes that differ from each other's neighbours and by seed.
inline Blob blob(std::size_t n, std::uint64_t seed = 0) {
    Blob bytes(n);
    for (std::size_t i = 0; i < n; ++i) {
        bytes[i] = static_cast<std::byte>((i * 7 + seed * 31 + 1) & 0xFF);
    }
    return bytes;
}

/// What a reader made of one packet.
struct Received {
    wire::PacketType type;
    bool completion_requested;
    std::uint64_t transaction_id;
    Blob payload;
};

inline std::optional<Received> receive(ring::Reader& reader) {
    ring::PacketView view;
    if (!reader.poll() || !reader.next(view)) {
        return std::nullopt;
    }
    Received packet{view.type(), view.completion_requested(), view.transaction_id(),
                    Blob(view.payload_size())};
    view.copy_payload(0, packet.payload);
    return packet;
}

struct Sent {
    ring::ReserveStatus status;
    bool signal = false;
};

inline Sent send(ring::Writer& writer, const ring::OutgoingPacket& packet) {
    ring::Reservation place;
    const auto status = writer.reserve(packet.ring_bytes(), place);
    if (status != ring::ReserveStatus::kOk) {
        return {status};
    }
    writer.fill(place).put(packet);
    return {status, writer.publish(place)};
}
inline Sent send(ring::Writer& writer, base::Bytes payload, std::uint64_t transaction_id = 0) {
    return send(writer, {.transaction_id = transaction_id, .payload = payload});
}

/// Payload whose packet occupies `ring_bytes` of the ring.
constexpr std::size_t payload_for(std::uint32_t ring_bytes) noexcept {
    return ring_bytes - ring::kMinPacketBytes;
}

}  // namespace vmbus::support
