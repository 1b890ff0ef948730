// RecordedStep: one thing that happened on a NIC while it was recorded, and what can be said of it.
// Plain data, read from a file; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "host/record.hpp"
#include "host/recorded_packet.hpp"

namespace vmbus::host {

struct RecordedStep {
    RecordKind kind{};
    std::uint16_t channel = 0;
    std::uint64_t number = 0;         ///< of its record in the file, from 1
    std::vector<std::byte> packet{};  ///< of the host or the guest
    std::vector<std::byte> data{};    ///< that the packet points to
    // On all NICs:
    std::uint64_t guest_requests = 0;         ///< steps of guests before
    std::uint64_t guest_frames = 0;           ///< sent by guests before
    std::chrono::nanoseconds since_before{};  ///< since the step before
};

/// What its packet is about; nothing when that is none.
MessageKind kind_of(const RecordedStep& step) noexcept;

/// Where the end begins: from this step on the guest only takes its leave.
std::size_t goodbye_of(std::span<const RecordedStep> steps) noexcept;

}  // namespace vmbus::host
