// TapPort: plugs the NIC into a tap device, behind which a real network stack lives. What the guest
// sends is read there, and what is sent there is delivered to the guest. Host thread only; never
// blocks: what the kernel does not take at once is dropped and counted.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "host/port_spec.hpp"
#include "host/replay.hpp"

namespace vmbus::host {

class TapPort final : public Port {
public:
    /// nullptr and one line in `why` when the device cannot be had.
    static std::unique_ptr<TapPort> create(const TapPortSpec& spec, Replay& replay,
                                           std::string& why);
    /// `device` takes and gives one frame with each write() and read(), and does not block.
    TapPort(base::UniqueFd device, Replay& replay);

    void transmit(std::span<const Frame> frames) noexcept override;
    std::size_t receive(std::span<Frame> frames) noexcept override;
    void set_filter(std::uint32_t ndis_filter) noexcept override;
    void guest_closed() noexcept override { open_ = false; }
    int poll_fd() const noexcept override { return device_.get(); }
    std::span<const Drop> drops() const noexcept override { return drops_; }

private:
    enum Reason : std::size_t { kFull, kDown, kRefused, kTooLong, kStale, kReasons };

    base::MutableBytes slot(std::size_t index) noexcept;
    std::ptrdiff_t read_into(base::MutableBytes slot) noexcept;
    void note_failure(int error) noexcept;

    const base::UniqueFd device_;
    Replay& replay_;
    std::vector<std::byte> slots_;
    bool open_ = false;
    std::array<Drop, kReasons> drops_{{{"tap_queue_full", 0},
                                       {"tap_down", 0},
                                       {"tap_refused", 0},
                                       {"tap_too_long", 0},
                                       {"tap_before_guest", 0}}};
};

}  // namespace vmbus::host
