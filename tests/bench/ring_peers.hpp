// The rings that are compared, behind one small interface, so that each measurement is one
// template:
//   write(n)   puts up to n packets of the given payload, says how many: 0 when full; any producer
//   read(n)    takes up to n packets out, copies their payload, says how many; one consumer
//   discard()  empties the ring without looking; one thread at a time, beside producers
// Every ring holds the same bytes for a packet: 16 of descriptor, the payload, 8 of footer.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>

#include "ring/reader.hpp"
#include "ring/writer.hpp"
#include "ring_block.hpp"
#include "upstream_ring.h"

namespace vmbus::bench {

/// The consumer polls, as a busy host does, and wants no signals.
inline ring::MappedRing polled_ring(const Block& block) {
    auto& page = *new (block.get()) wire::RingPage();
    ring::MappedRing memory(page, block.get() + kPageBytes, kDataBytes);
    ring::initialise(memory);
    // relaxed: before any other thread runs.
    page.interrupt_mask.store_relaxed(1);
    return memory;
}

/// As if the peer had read all that is published.
inline void discard_published(wire::RingPage& page) noexcept {
    // sync out.release -> out.reclaim: nothing was read, so nothing can be overwritten too early.
    page.out.store_seq_cst(page.in.load_seq_cst());
}

class OurRing {
public:
    OurRing(std::uint32_t payload_bytes, ring::Publication mode)
        : block_(make_block(kPageBytes + kDataBytes)),
          memory_(polled_ring(block_)),
          writer_(memory_, mode),
          reader_(memory_),
          payload_(source_.data(), payload_bytes) {
        sizes_.fill(ring::packet_bytes(0, payload_bytes));
    }

    unsigned write(unsigned n) noexcept {
        ring::Reservation place;
        std::size_t count = 0;
        if (writer_.reserve_prefix(std::span(sizes_.data(), n), place, count) !=
            ring::ReserveStatus::kOk) {
            return 0;
        }
        auto filler = writer_.fill(place);
        const base::Bytes payload = payload_;
        for (std::size_t i = 0; i < count; ++i) {
            filler.put({.transaction_id = i, .payload = payload});
        }
        writer_.publish(place);
        return static_cast<unsigned>(count);
    }

    unsigned read(unsigned n) noexcept {
        unsigned count = 0;
        ring::PacketView view;
        reader_.poll();
        while (count < n && reader_.next(view)) {
            view.copy_payload(0, std::span(sink_.data(), view.payload_size()));
            ++count;
        }
        reader_.release();
        return count;
    }

    void discard() noexcept { discard_published(memory_.page()); }

private:
    Block block_;
    ring::MappedRing memory_;
    alignas(64) ring::Writer writer_;
    alignas(64) ring::Reader reader_;
    alignas(64) std::array<std::byte, kMaxPacketBytes> source_{};
    std::array<std::uint32_t, kMaxBurst> sizes_{};
    base::Bytes payload_;
    alignas(64) std::array<std::byte, kMaxPacketBytes> sink_{};
};

class UpstreamRing {
public:
    explicit UpstreamRing(std::uint32_t payload_bytes)
        : block_(make_block(kPageBytes + kDataBytes)),
          page_(polled_ring(block_).page()),
          ring_(upstream_open(block_.get(), kPageBytes + kDataBytes)),
          payload_bytes_(payload_bytes) {}

    /// It knows no bursts: each packet is reserved and published by itself.
    unsigned write(unsigned n) noexcept {
        unsigned count = 0;
        while (count < n &&
               upstream_write(ring_.get(), source_.data(), payload_bytes_, count) == 0) {
            ++count;
        }
        return count;
    }

    unsigned read(unsigned n) noexcept {
        unsigned count = 0;
        while (count < n && upstream_read(ring_.get(), sink_.data(), kMaxPacketBytes) > 0) {
            ++count;
        }
        return count;
    }

    void discard() noexcept { discard_published(page_); }

private:
    struct Close {
        void operator()(upstream_ring* ring) const noexcept { upstream_close(ring); }
    };

    Block block_;
    wire::RingPage& page_;
    std::unique_ptr<upstream_ring, Close> ring_;
    std::uint32_t payload_bytes_;
    alignas(64) std::array<std::byte, kMaxPacketBytes> source_{};
    alignas(64) std::array<std::byte, kMaxPacketBytes> sink_{};
};

/// The floor: the packet's bytes copied into a circular buffer as they are, one producer, one
/// consumer, an index each.
class CopyRing {
public:
    explicit CopyRing(std::uint32_t payload_bytes)
        : block_(make_block(kDataBytes)), bytes_(ring::packet_bytes(0, payload_bytes)) {}

    unsigned write(unsigned n) noexcept {
        const std::uint64_t in = in_.load(std::memory_order_relaxed);
        // sync floor.out -> floor.in: free only once it is read.
        const std::uint64_t out = out_.load(std::memory_order_acquire);
        const auto count =
            static_cast<unsigned>(std::min<std::uint64_t>(n, (kDataBytes - (in - out)) / bytes_));
        for (unsigned i = 0; i < count; ++i) {
            copy_in(static_cast<std::uint32_t>(in + i * bytes_) % kDataBytes);
        }
        in_.store(in + count * bytes_, std::memory_order_release);
        return count;
    }

    unsigned read(unsigned n) noexcept {
        const std::uint64_t out = out_.load(std::memory_order_relaxed);
        const std::uint64_t in = in_.load(std::memory_order_acquire);
        const auto count = static_cast<unsigned>(std::min<std::uint64_t>(n, (in - out) / bytes_));
        for (unsigned i = 0; i < count; ++i) {
            copy_out(static_cast<std::uint32_t>(out + i * bytes_) % kDataBytes);
        }
        out_.store(out + count * bytes_, std::memory_order_release);
        return count;
    }

    void discard() noexcept {
        out_.store(in_.load(std::memory_order_relaxed), std::memory_order_release);
    }

private:
    void copy_in(std::size_t at) noexcept {
        const std::size_t first = std::min<std::size_t>(bytes_, kDataBytes - at);
        std::memcpy(block_.get() + at, source_.data(), first);
        if (first < bytes_) {
            std::memcpy(block_.get(), source_.data() + first, bytes_ - first);
        }
    }
    void copy_out(std::size_t at) noexcept {
        const std::size_t first = std::min<std::size_t>(bytes_, kDataBytes - at);
        std::memcpy(sink_.data(), block_.get() + at, first);
        if (first < bytes_) {
            std::memcpy(sink_.data() + first, block_.get(), bytes_ - first);
        }
    }

    Block block_;
    std::uint32_t bytes_;
    alignas(64) std::atomic<std::uint64_t> in_{0};
    alignas(64) std::atomic<std::uint64_t> out_{0};
    alignas(64) std::array<std::byte, kMaxPacketBytes> source_{};
    alignas(64) std::array<std::byte, kMaxPacketBytes> sink_{};
};

}  // namespace vmbus::bench
