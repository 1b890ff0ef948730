// Lan: a learning switch among NICs and other members that name the same lan. LanPort: one NIC's
// place on it. Host thread only. A lan lives as long as a member is on it; every queue and the
// address table are bounded, whatever a guest sends.
//
// A NIC gets what its packet filter lets in: the switch looks at kinds of addresses, the NIC itself
// at its own. One whose filter is shut, or whose channel is closed, gets nothing.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "host/frame_queue.hpp"
#include "host/replay.hpp"

namespace vmbus::host {

/// Whatever is plugged into a lan.
class LanMember {
public:
    virtual ~LanMember() = default;
    /// From the lan: a frame for this member. The bytes are valid during the call only.
    virtual void deliver(base::Bytes frame) noexcept = 0;
    /// Whether a frame to this kind of address should be delivered at all.
    enum class Kind : std::uint8_t { kStation, kGroup, kEverybody };
    virtual bool lets_in(Kind /*kind*/) const noexcept { return true; }

    /// Stations that the lan has learned here. The lan's own.
    std::size_t stations = 0;
};

class Lan {
public:
    static constexpr std::size_t kLeastFrame = 14;
    /// A guest may invent sources: past this many on one member, further ones are flooded to, not
    /// learned, and no other member is any worse off.
    static constexpr std::size_t kMostAddresses = 1024;

    void join(LanMember& member);
    void leave(LanMember& member) noexcept;
    /// Nobody lives there any more, as when a cable is pulled.
    void forget(LanMember& member) noexcept;

    /// Requires: frame.size() >= kLeastFrame.
    void forward(LanMember& origin, base::Bytes frame) noexcept;

private:
    void learn(std::uint64_t source, LanMember& origin) noexcept;
    void flood(const LanMember& origin, LanMember::Kind kind, base::Bytes frame) noexcept;

    std::vector<LanMember*> members_;
    std::unordered_map<std::uint64_t, LanMember*> places_;  // station address -> where it is
};

class LanPort final : public Port, public LanMember {
public:
    LanPort(std::shared_ptr<Lan> lan, Replay& replay);
    ~LanPort() override;
    LanPort(const LanPort&) = delete;
    LanPort& operator=(const LanPort&) = delete;

    void transmit(std::span<const Frame> frames) noexcept override;
    std::size_t receive(std::span<Frame> frames) noexcept override;
    void set_filter(std::uint32_t ndis_filter) noexcept override;
    void guest_closed() noexcept override;
    std::span<const Drop> drops() const noexcept override { return drops_; }

    void deliver(base::Bytes frame) noexcept override;
    bool lets_in(Kind kind) const noexcept override;

private:
    const std::shared_ptr<Lan> lan_;
    Replay& replay_;
    std::uint32_t filter_ = 0;
    FrameQueue queue_;
    std::array<Drop, 4> drops_{
        {{"lan_queue_full", 0}, {"lan_too_long", 0}, {"lan_runt", 0}, {"lan_filtered", 0}}};
};

}  // namespace vmbus::host
