// NullPort: swallows what the guest sends and delivers nothing. Host thread only.
#pragma once

#include "host/replay.hpp"

namespace vmbus::host {

class NullPort final : public Port {
public:
    explicit NullPort(Replay& replay) noexcept : replay_(replay) {}

    void transmit(std::span<const Frame> frames) noexcept override;
    std::size_t receive(std::span<Frame> frames) noexcept override;

private:
    Replay& replay_;
};

}  // namespace vmbus::host
