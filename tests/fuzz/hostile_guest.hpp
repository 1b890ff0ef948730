// A guest that writes whatever the fuzzer says: the memory it shares with a NIC, and its half of
// the rings without any of the checks of an honest one.
#pragma once

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

#include "base/bytes.hpp"
#include "codec/nvsp_codec.hpp"
#include "host/guest_memory.hpp"
#include "host/nic.hpp"
#include "host/port.hpp"
#include "ring/memory.hpp"
#include "ring/reader.hpp"
#include "ring/writer.hpp"

namespace vmbus::fuzz {

/// Guest-physical memory: one piece from address 0.
class GuestPages final : public host::GuestMemory {
public:
    bool read(std::uint64_t gpa, base::MutableBytes out) noexcept override {
        const auto part = base::try_slice(bytes_, gpa, out.size());
        if (part) {
            std::copy(part->begin(), part->end(), out.begin());
        }
        return part.has_value();
    }
    bool gather(std::span<const host::GpaSpan> spans, base::MutableBytes out) noexcept override {
        for (const auto& span : spans) {
            if (span.length > out.size() || !read(span.gpa, out.first(span.length))) {
                return false;
            }
            out = out.subspan(span.length);
        }
        return out.empty();
    }
    base::MutableBytes bytes() noexcept { return bytes_; }

private:
    std::array<std::byte, 64 * 1024> bytes_{};
};

/// Gives each frame back once, in order, and reads every byte of it on the way.
class EchoPort final : public host::Port {
public:
    void transmit(std::span<const host::Frame> frames) noexcept override {
        for (const auto& frame : frames) {
            if (waiting_.size() < 64) {
                waiting_.emplace_back(frame.bytes.begin(), frame.bytes.end());
            }
        }
    }
    std::size_t receive(std::span<host::Frame> frames) noexcept override {
        given_.clear();
        const auto count = static_cast<std::ptrdiff_t>(std::min(frames.size(), waiting_.size()));
        std::move(waiting_.begin(), waiting_.begin() + count, std::back_inserter(given_));
        waiting_.erase(waiting_.begin(), waiting_.begin() + count);
        for (std::size_t i = 0; i < given_.size(); ++i) {
            frames[i].bytes = given_[i];
        }
        return given_.size();
    }

private:
    std::vector<std::vector<std::byte>> waiting_;
    std::vector<std::vector<std::byte>> given_;
};

class NoInterrupt final : public host::Interrupt {
public:
    void raise(std::uint32_t) noexcept override {}
};

/// The guest's half of a ring pair.
class GuestRings {
public:
    static constexpr std::uint32_t kRingBytes = 16384;

    base::MutableBytes bytes() noexcept { return rings_; }
    ring::MappedRing tx() noexcept { return half(0); }
    ring::MappedRing rx() noexcept { return half(1); }

    /// The host cleared the rings: a fresh conversation.
    void restart() noexcept { in_ = 0; }

    /// These bytes, whatever they are, behind what was written before.
    void write_raw(base::Bytes bytes) noexcept {
        const std::size_t size = std::min<std::size_t>(bytes.size() & ~std::size_t{7}, 4096);
        if (size == 0) return;
        tx().copy_in(in_, bytes.first(size));
        in_ = ring::Geometry(tx().size()).advance(in_, static_cast<std::uint32_t>(size));
        publish();
    }
    void write(const ring::OutgoingPacket& packet) noexcept {
        if (packet.ring_bytes() > tx().size() / 2) return;
        auto memory = tx();
        const ring::Reservation place{ring::Position(1, in_), {}};
        ring::Filler<ring::MappedRing>(memory, place).put(packet);
        in_ = ring::Geometry(memory.size()).advance(in_, packet.ring_bytes());
        publish();
    }
    template <class Message>
    void request(const Message& message) noexcept {
        const auto bytes = codec::encode_nvsp(message);
        write({.completion_requested = true, .transaction_id = 1, .payload = bytes});
    }
    /// Takes all that the host wrote as read, without looking.
    void drain() noexcept {
        auto& page = rx().page();
        // relaxed: host and guest are one thread.
        page.out.store_relaxed(page.in.load_relaxed());
    }

private:
    ring::MappedRing half(std::size_t which) noexcept {
        const auto bytes = base::MutableBytes(rings_).subspan(which * kRingBytes, kRingBytes);
        return ring::MappedRing::view(bytes, sizeof(wire::RingPage)).value();
    }
    void publish() noexcept {
        // relaxed: host and guest are one thread.
        tx().page().in.store_relaxed(in_);
    }

    alignas(4096) std::array<std::byte, 2 * kRingBytes> rings_{};
    std::uint32_t in_ = 0;
};

/// The guest's side of one NIC. All of its memory is the guest's to spoil.
class HostileGuest {
public:
    static constexpr std::size_t kChannels = 4;
    static constexpr std::uint32_t kReceiveGpadl = 11;
    static constexpr std::uint32_t kSendGpadl = 12;
    static constexpr std::uint32_t kSections = 8;
    static constexpr std::uint32_t kSectionBytes = 6144;

    host::NicMemory memory() noexcept {
        return {primary().bytes(), {receive_, kReceiveGpadl, send_, kSendGpadl}};
    }
    GuestRings& primary() noexcept { return rings_[0]; }
    /// Any number names one.
    GuestRings& channel(std::size_t index) noexcept { return rings_[index % kChannels]; }
    base::MutableBytes send_buffer() noexcept { return send_; }
    /// Any number names one.
    base::MutableBytes section(std::uint32_t index) noexcept {
        return send_buffer().subspan(std::size_t{index % kSections} * kSectionBytes, kSectionBytes);
    }
    void drain() noexcept {
        for (GuestRings& rings : rings_) {
            rings.drain();
        }
    }

private:
    std::array<GuestRings, kChannels> rings_;
    std::array<std::byte, 128 * 1024> receive_{};
    std::array<std::byte, std::size_t{kSections} * kSectionBytes> send_{};
};

}  // namespace vmbus::fuzz
