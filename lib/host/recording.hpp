// Recording: a record file (record.hpp) taken apart, so that it can be played to a guest: for each
// NIC what it is, and in order what its host said and what the guest had asked for. Frames of the
// guest are only tallied, and QUERYs kept with their answers: how a guest packs frames is its own
// affair, and so is how often and when it asks.
// What cannot be played again makes the whole file refused, with the reason.
// Read once, constant from then on; any thread. Docs: docs/emulator.md, "Replay".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/frame_tally.hpp"
#include "host/nic_spec.hpp"
#include "host/recorded_questions.hpp"
#include "host/recorded_step.hpp"
#include "wire/nvsp.hpp"

namespace vmbus::host {

struct RecordedNic {
    NicSpec spec;  ///< its port is null
    std::vector<RecordedStep> steps{};
    RecordedAnswers answers{};
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
