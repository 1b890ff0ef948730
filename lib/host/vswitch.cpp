#include "host/vswitch.hpp"

#include <algorithm>
#include <cstring>

namespace vmbus::host {
namespace {

constexpr std::size_t kAddressBytes = 6;
constexpr std::uint64_t kEverybodysAddress = 0xFFFF'FFFF'FFFF;

/// Bits of the packet filter (ntddndis.h).
constexpr std::uint32_t kDirected = 0x01;
constexpr std::uint32_t kMulticast = 0x02;
constexpr std::uint32_t kAllMulticast = 0x04;
constexpr std::uint32_t kBroadcast = 0x08;
constexpr std::uint32_t kPromiscuous = 0x20;

/// The first byte on the wire is the lowest: its lowest bit tells a group.
std::uint64_t address_at(base::Bytes frame, std::size_t offset) noexcept {
    std::uint64_t address = 0;
    std::memcpy(&address, frame.data() + offset, kAddressBytes);
    return address;
}

LanMember::Kind kind_of(std::uint64_t address) noexcept {
    if ((address & 1U) == 0) {
        return LanMember::Kind::kStation;
    }
    return address == kEverybodysAddress ? LanMember::Kind::kEverybody : LanMember::Kind::kGroup;
}

}  // namespace

void Lan::join(LanMember& member) {
    members_.push_back(&member);
    places_.reserve(members_.size() * kMostAddresses);
}

void Lan::leave(LanMember& member) noexcept {
    forget(member);
    std::erase(members_, &member);
}

void Lan::forget(LanMember& member) noexcept {
    if (member.stations > 0) {
        std::erase_if(places_, [&member](const auto& place) { return place.second == &member; });
        member.stations = 0;
    }
}

void Lan::learn(std::uint64_t source, LanMember& origin) noexcept {
    if (kind_of(source) != LanMember::Kind::kStation) {
        return;
    }
    const auto known = places_.find(source);
    if ((known != places_.end() && known->second == &origin) || origin.stations == kMostAddresses) {
        return;
    }
    ++origin.stations;
    if (known != places_.end()) {
        --known->second->stations;
        known->second = &origin;
    } else {
        places_.emplace(source, &origin);
    }
}

void Lan::forward(LanMember& origin, base::Bytes frame) noexcept {
    // Read once: the guest may change the frame while it is looked at.
    const std::uint64_t destination = address_at(frame, 0);
    learn(address_at(frame, kAddressBytes), origin);
    const auto kind = kind_of(destination);
    const auto known =
        kind == LanMember::Kind::kStation ? places_.find(destination) : places_.end();
    if (known == places_.end()) {
        flood(origin, kind, frame);
    } else if (known->second != &origin) {
        known->second->deliver(frame);
    }
}

void Lan::flood(const LanMember& origin, LanMember::Kind kind, base::Bytes frame) noexcept {
    for (LanMember* const member : members_) {
        if (member != &origin && member->lets_in(kind)) {
            member->deliver(frame);
        }
    }
}

LanPort::LanPort(std::shared_ptr<Lan> lan, Replay& replay) : lan_(std::move(lan)), replay_(replay) {
    lan_->join(*this);
}

LanPort::~LanPort() {
    lan_->leave(*this);
}

void LanPort::set_filter(std::uint32_t ndis_filter) noexcept {
    filter_ = ndis_filter;
    if (filter_ == 0) {
        queue_.clear();
    }
}

void LanPort::guest_closed() noexcept {
    filter_ = 0;
    queue_.clear();
    lan_->forget(*this);
}

bool LanPort::lets_in(Kind kind) const noexcept {
    std::uint32_t wanted = kPromiscuous;
    switch (kind) {
        case Kind::kStation: wanted |= kDirected; break;
        case Kind::kGroup: wanted |= kMulticast | kAllMulticast; break;
        case Kind::kEverybody: wanted |= kBroadcast; break;
    }
    return (filter_ & wanted) != 0;
}

void LanPort::transmit(std::span<const Frame> frames) noexcept {
    replay_.guest_sent(frames.size());
    for (const Frame& frame : frames) {
        if (frame.bytes.size() < Lan::kLeastFrame) {
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
    } else if (filter_ == 0) {
        ++drops_[3].frames;  // its station is known, and does not listen
    } else if (!queue_.push(frame)) {
        ++drops_[0].frames;
    }
}

}  // namespace vmbus::host
