// How the host interrupts a guest: supplied by the face. May be called from inside any call of the
// NIC, on the host thread.
#pragma once

namespace vmbus::host {

class Interrupt {
public:
    virtual void raise() noexcept = 0;

protected:
    ~Interrupt() = default;
};

}  // namespace vmbus::host
