#include "net/netvsc/vf_machine.hpp"

namespace vmbus::netvsc {

void VfMachine::hear(const VfOffer& offer, const PathTaken& taken) noexcept {
    if (offer != offer_) {
        blocked_ = false;
    }
    offer_ = offer;
    taken_ = taken;
}

void VfMachine::forget() noexcept {
    offer_ = {};
    taken_ = {};
    taken_accepted_ = 0;
    held_removals_ = 0;
    blocked_ = false;
}

void VfMachine::set_running(bool running) noexcept {
    if (running && !running_) {
        blocked_ = false;
        taken_accepted_ = taken_.times;
    }
    running_ = running;
}

/// Whether the one that is claimed, or would be, is the one on offer.
bool VfMachine::wanted() const noexcept {
    if (!offer_.allocated || lost_) {
        return false;
    }
    return stage_ == VfStage::kNone ||
           (offer_.serial == held_serial_ && offer_.removals == held_removals_);
}

/// A host that took the path back keeps it until it announces a VF again.
bool VfMachine::usable() noexcept {
    if (stage_ != VfStage::kActive && taken_.announcements != offer_.announcements) {
        taken_accepted_ = taken_.times;
    }
    return wanted() && running_ && taken_.times == taken_accepted_;
}

VfStep VfMachine::next() noexcept {
    const bool use = usable();
    switch (stage_) {
        case VfStage::kNone: return wanted() && !blocked_ ? VfStep::kClaim : VfStep::kNothing;
        case VfStage::kClaimed:
            if (!wanted()) {
                return VfStep::kRelease;
            }
            return use && !blocked_ ? VfStep::kPrepare : VfStep::kNothing;
        case VfStage::kReady: return use && !blocked_ ? VfStep::kSwitchOn : VfStep::kStop;
        case VfStage::kActive: return use ? VfStep::kNothing : VfStep::kSwitchOff;
    }
    return VfStep::kNothing;
}

void VfMachine::done(VfStep step, bool success) noexcept {
    if (!success) {
        blocked_ = true;
        return;
    }
    switch (step) {
        case VfStep::kClaim:
            stage_ = VfStage::kClaimed;
            held_serial_ = offer_.serial;
            held_removals_ = offer_.removals;
            break;
        case VfStep::kPrepare: stage_ = VfStage::kReady; break;
        case VfStep::kSwitchOn: stage_ = VfStage::kActive; break;
        case VfStep::kSwitchOff: stage_ = VfStage::kReady; break;
        case VfStep::kStop: stage_ = VfStage::kClaimed; break;
        case VfStep::kRelease:
            stage_ = VfStage::kNone;
            lost_ = false;
            break;
        case VfStep::kNothing: break;
    }
}

}  // namespace vmbus::netvsc
