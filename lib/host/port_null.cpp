#include "host/port_null.hpp"

namespace vmbus::host {

void NullPort::transmit(std::span<const Frame> frames) noexcept {
    replay_.guest_sent(frames.size());
}

std::size_t NullPort::receive(std::span<Frame> /*frames*/) noexcept {
    return 0;
}

}  // namespace vmbus::host
