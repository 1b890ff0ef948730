#include "host/vswitch.hpp"

#include <algorithm>
#include <cstring>

namespace vmbus::host {
namespace {

constexpr std::size_t kAddressBytes = 6;
constexpr std::size_t kEthernetHeader = 14;

/// The first byte on the wire is the lowest: its lowest bit tells a group.
std::uint64_t address_at(base::Bytes frame, std::size_t offset) noexcept {
    std::uint64_t address = 0;
    std::memcpy(&address, frame.data() + offset, kAddressBytes);
    return address;
}

bool is_group(std::uint64_t address) noexcept {
    return (address & 1U) != 0;
}

}  // namespace

void Lan::join(LanPort& port) {
    places_.reserve(kMostAddresses);
    ports_.push_back(&port);
}

void Lan::leave(LanPort& port) noexcept {
    std::erase(ports_, &port);
    std::erase_if(places_, [&port](const auto& place) { return place.second == &port; });
}

void Lan::learn(std::uint64_t source, LanPort& origin) noexcept {
    if (is_group(source)) {
        return;
    }
    if (const auto known = places_.find(source); known != places_.end()) {
        known->second = &origin;
    } else if (places_.size() < kMostAddresses) {
        places_.emplace(source, &origin);
    }
}

void Lan::forward(LanPort& origin, base::Bytes frame) noexcept {
    // Read once: the guest may change the frame while it is looked at.
    const std::uint64_t destination = address_at(frame, 0);
    learn(address_at(frame, kAddressBytes), origin);
    const auto known = is_group(destination) ? places_.end() : places_.find(destination);
    if (known == places_.end()) {
        for (LanPort* const port : ports_) {
            if (port != &origin) {
                port->deliver(frame);
            }
        }
    } else if (known->second != &origin) {
        known->second->deliver(frame);
    }
}

LanPort::LanPort(std::shared_ptr<Lan> lan, Replay& replay) : lan_(std::move(lan)), replay_(replay) {
    lan_->join(*this);
}

LanPort::~LanPort() {
    lan_->leave(*this);
}

void LanPort::transmit(std::span<const Frame> frames) noexcept {
    replay_.guest_sent(frames.size());
    for (const Frame& frame : frames) {
        if (frame.bytes.size() < kEthernetHeader) {
            ++drops_[2].frames;
        } else {
            lan_->forward(*this, frame.bytes);
        }
    }
}

std::size_t LanPort::receive(std::span<Frame> frames) noexcept {
    return queue_.pop(frames);
}

void LanPort::deliver(base::Bytes frame) noexcept {
    if (frame.size() > FrameQueue::kLongestFrame) {
        ++drops_[1].frames;
    } else if (!queue_.push(frame)) {
        ++drops_[0].frames;
    }
}

}  // namespace vmbus::host
