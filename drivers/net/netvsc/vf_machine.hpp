// VfMachine: from the host's last word, our own port and the VF's, the one next step. It looks at
// what is so, not at what happened: a storm of associations ends in the steps from where we are to
// the last of them, and a step that failed is not tried again before something changed.
//
//   kNone --kClaim--> kClaimed --kPrepare--> kReady --kSwitchOn--> kActive
//     ^----kRelease-----+ ^--------kStop-------+ ^-----kSwitchOff----+
//
// Pure: who owns it takes the steps and says how they went. Owned by Vf, under its mutex. No DPDK.
#pragma once

#include <cstdint>

#include "net/netvsc/vf_news.hpp"

namespace vmbus::netvsc {

enum class VfStage : std::uint8_t {
    kNone,     ///< no port of the VF is ours
    kClaimed,  ///< one is ours and hidden from the application
    kReady,    ///< it is set up as our port is, and started
    kActive,   ///< frames go through it
};

enum class VfStep : std::uint8_t {
    kNothing,
    kClaim,
    kPrepare,
    kSwitchOn,
    kSwitchOff,
    kStop,
    kRelease,
};

class VfMachine {
public:
    // What is so.
    void hear(const VfOffer& offer, const PathTaken& taken) noexcept;
    /// A new conversation begins to count anew. What is claimed stays, if the host still offers it.
    void forget() noexcept;
    /// Whether the application runs our port.
    void set_running(bool running) noexcept;
    /// A port appeared.
    void ports_changed() noexcept { blocked_ = false; }
    /// The claimed port is gone.
    void port_lost() noexcept { lost_ = stage_ != VfStage::kNone; }

    VfStep next() noexcept;
    /// How the step that next() named went.
    void done(VfStep step, bool success) noexcept;

    VfStage stage() const noexcept { return stage_; }
    const VfOffer& offer() const noexcept { return offer_; }
    bool lost() const noexcept { return lost_; }

private:
    bool wanted() const noexcept;
    bool usable() noexcept;

    VfStage stage_ = VfStage::kNone;
    VfOffer offer_{};
    PathTaken taken_{};
    std::uint32_t taken_accepted_ = 0;
    std::uint32_t held_serial_ = 0;    ///< of the claimed one
    std::uint16_t held_removals_ = 0;  ///< when it was claimed
    bool running_ = false;
    bool lost_ = false;
    bool blocked_ = false;  ///< a step failed, and nothing changed since
};

}  // namespace vmbus::netvsc
