// Service: something that the machine's loop serves besides its NICs: it has a file that becomes
// readable, and does its work then, without ever waiting.
// Owned by whoever made it; outlives the machine's run. Host thread.
#pragma once

namespace vmbus::host {

class Service {
public:
    virtual int poll_fd() const noexcept = 0;
    virtual void service() noexcept = 0;

protected:
    ~Service() = default;
};

}  // namespace vmbus::host
