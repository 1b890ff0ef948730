// How the host interrupts a guest: supplied by the face. May be called from inside any call of the
// NIC, on the host thread.
#pragma once

#include <cstdint>

namespace vmbus::host {

class Interrupt {
public:
    /// `channel` is the one whose ring has something for the guest; the primary is 0.
    virtual void raise(std::uint32_t channel) noexcept = 0;

protected:
    ~Interrupt() = default;
};

}  // namespace vmbus::host
