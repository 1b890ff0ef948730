// What a misbehaving host does to the frames it delivers: heads that contradict themselves, ranges
// that cannot be, and heads that change after the guest was told of them.
// Owned by the receive path of a channel; host thread only. Docs: docs/emulator.md, "Faults".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "host/fault_engine.hpp"
#include "wire/packet.hpp"

namespace vmbus::host {

/// One packet of frames, as it is about to be sent.
struct TransferDraft {
    wire::TransferPagesHeader& header;
    std::span<wire::TransferPageRange> ranges;  ///< all there is room for
    std::uint32_t piece_bytes;
    std::uint32_t& nvsp_type;
    std::uint64_t& transaction_id;
};

class FrameSpoiler {
public:
    explicit FrameSpoiler(FaultPoint faults) noexcept : faults_(faults) {}

    bool active() const noexcept { return faults_.active(); }
    /// The head of one frame in its piece of the receive buffer.
    void spoil_frame(base::MutableBytes piece);
    /// The packet that carries frames.
    void spoil_transfer(TransferDraft& draft);
    /// Once a turn: heads that change while the guest has them.
    void rewrite() noexcept;

private:
    struct Rewritten {
        base::MutableBytes piece;
        unsigned turns;
    };
    FaultPoint faults_;
    std::vector<Rewritten> rewritten_;
    std::uint64_t last_id_ = 0;
};

}  // namespace vmbus::host
