// Recording: a record file (record.hpp) taken apart, so that it can be played to a guest: for each
// NIC what it is, and in order what its host said and what the guest had asked for. Frames of the
// guest are only tallied, and QUERYs kept with their answers: how a guest packs frames is its own
// affair, and so is how often and when it asks.
// What cannot be played again makes the whole file refused, with the reason.
// Read once, constant from then on; any thread. Docs: docs/emulator.md, "Replay".
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/frame_tally.hpp"
#include "host/nic_spec.hpp"
#include "host/record.hpp"
#include "wire/nvsp.hpp"

namespace vmbus::host {

/// One thing that happened on a NIC.
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

/// A QUERY and what the host said to it; empty where it said nothing.
struct RecordedAnswer {
    RecordedStep question;
    std::vector<std::byte> completion{};
    std::vector<std::byte> reply{};
    std::vector<std::byte> reply_data{};
};
/// In which opening of the device, from 1, on which channel, about what.
struct QuestionKey {
    std::size_t opening = 0;
    std::uint16_t channel = 0;
    std::uint32_t oid = 0;

    auto operator<=>(const QuestionKey&) const = default;
};

struct RecordedNic {
    NicSpec spec;  ///< its port is null
    std::vector<RecordedStep> steps{};
    std::map<QuestionKey, std::deque<RecordedAnswer>> answers{};
    /// Where the end begins: from here on the guest only takes its leave, which one that runs on
    /// has to be asked for.
    std::size_t goodbye = 0;
    FrameTally frames{};  ///< that the guest sent
    /// Payload bytes of a completion.
    std::size_t message_bytes = wire::kNvspHostMessageBytes;
};

struct Recording {
    std::vector<RecordedNic> nics;
    std::uint64_t guest_frames = 0;  ///< on all NICs

    /// nullptr and one line in `why` when the file cannot be played.
    static std::shared_ptr<const Recording> read(const std::string& file, std::string& why);
};

}  // namespace vmbus::host
