// Nic: one emulated synthetic NIC with its channels: what stands behind the rings on the host's
// side. It knows neither its face (who maps the memory, how an interrupt travels) nor what
// it is plugged into: both are given to it.
// Owned by the machine; host thread only; nothing here blocks. Memory and port outlive it.
//
//   nic.open(memory); while (running) { if (!nic.poll() && nic.idle_arm()) { sleep a while; } }
//
// Docs: docs/emulator.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "host/counters.hpp"
#include "host/fault_engine.hpp"
#include "host/guest_memory.hpp"
#include "host/interrupt.hpp"
#include "host/nic_session.hpp"
#include "host/nic_spec.hpp"
#include "host/played_session.hpp"
#include "host/port.hpp"
#include "host/violation.hpp"

namespace vmbus::host {

/// The memory that host and guest share for one NIC.
struct NicMemory {
    /// Of the primary channel: guest-to-host half, then host-to-guest half: control page, data.
    base::MutableBytes rings;
    SharedBuffers buffers;
};

class Nic {
public:
    Nic(NicSpec spec, const NicMemory& memory, Port& port, Interrupt& interrupt);
    ~Nic();
    Nic(const Nic&) = delete;
    Nic& operator=(const Nic&) = delete;

    /// The guest opened the device: a fresh conversation on cleared rings. Call it before the guest
    /// may touch them. `memory` must live until close(). False when the rings are of no use.
    bool open(GuestMemory& memory) noexcept;
    /// The guest released the device. What was in flight is gone.
    void close() noexcept;
    bool is_open() const noexcept { return session_ != nullptr; }
    /// The guest corrupted the ring: silent until it opens the channel again.
    bool is_dead() const noexcept;
    /// The guest let frames in, and did not halt.
    bool is_receiving() const noexcept;

    /// Channels that the guest may have, the primary included: what is not open yet is to be
    /// offered to it. 0 while the NIC is closed.
    std::size_t granted() const noexcept;
    /// The guest opened the next channel, on these rings, laid out as the primary's. They must live
    /// until close(). False when it may not have one, or the rings are of no use.
    bool open_channel(base::MutableBytes rings);

    /// One bounded turn of work. True when something was done: call it again.
    bool poll() noexcept;

    /// When there is nothing to do: asks the guest to signal. True when that is so, and the host
    /// may sleep as long as its port can wait. From then on poll() serves the port alone, until
    /// doorbell() or wake(): as on Hyper-V, a guest that does not signal is not heard.
    bool idle_arm() noexcept;
    /// Looks at the guest's ring again without having been asked to.
    void wake() noexcept;
    /// The face saw the guest's signal on a channel; the primary is 0.
    void doorbell(std::size_t channel = 0) noexcept;

    /// Plugs or unplugs the cable. The guest is told at once, or five seconds after it was told
    /// last; and is told the opposite first when nothing changed.
    void set_link(bool up) noexcept;
    bool link_up() const noexcept { return link_up_; }
    /// The link has another speed. A guest that said it wants to know is told.
    void set_link_speed(std::uint64_t bits_per_second) noexcept;
    /// Tells the guest again which offloads are on.
    void indicate_offload() noexcept;
    /// The machine has a virtual function for this NIC, or has none any more. A guest that said it
    /// wants to know is told.
    void set_vf(VirtualFunction vf) noexcept { vf_ = vf; }
    const VirtualFunction& vf() const noexcept { return vf_; }
    /// The guest's data path is the virtual function.
    bool on_vf() const noexcept;
    /// Another clock than the machine's. Before open().
    void set_clock(LinkReporter::Clock clock) noexcept { clock_ = clock; }

    /// What crosses the rings is recorded, as that of NIC `number`. Before open().
    void set_recorder(Recorder* recorder, std::uint8_t number) noexcept {
        recorder_ = recorder;
        number_ = number;
    }

    /// The host of this NIC says what is recorded, and nothing else. Before open().
    void set_playback(Playback& playback) noexcept { playback_ = &playback; }

    /// The script of what to do wrong. It goes on where it was when the guest opens again.
    void set_faults(const FaultScript& script) { faults_ = FaultEngine(script); }
    const FaultEngine& faults() const noexcept { return faults_; }
    /// The script wants the device taken away: true once for each time. The machine does it.
    bool take_rescind_request() noexcept { return faults_.take_rescind_request(); }
    /// Whether the offer of sub-channel `channel` goes wrong, and how.
    std::optional<FaultDetails> spoil_offer(Fault fault, std::size_t channel) noexcept {
        return faults_.due(fault, static_cast<std::uint32_t>(channel));
    }

    /// Goes on with the figures, the scripts, the cable and the virtual function of the NIC that
    /// was there before: the same device is offered again. Call it before the first open().
    void inherit(const Nic& before);

    /// The same for a host that dies and comes back.
    bool take_restart_request() noexcept { return faults_.take_restart_request(); }

    /// What the guest gets to feel when it breaks a rule; from the next open() on.
    void set_temper(Temper temper) noexcept { violations_.set_temper(temper); }

    const NicSpec& spec() const noexcept { return spec_; }
    /// The sum of all channels, and what belongs to none.
    NicCounters counters() const noexcept;
    /// Requires: index < kMaxChannels.
    const Counters& counters_of(std::size_t channel) const noexcept {
        return channel_counters_[channel];
    }
    /// Open channels, the primary included.
    std::size_t channels() const noexcept;
    const ViolationLog& violations() const noexcept { return violations_; }

private:
    NicContext context() noexcept;
    void touch_after_close() noexcept;

    const NicSpec spec_;
    const NicMemory memory_;
    Port& port_;
    Interrupt& interrupt_;
    NicCounters counters_;  // of what belongs to no channel
    ChannelCounters channel_counters_{};
    ViolationLog violations_;
    FaultEngine faults_;
    bool link_up_ = true;
    std::uint64_t link_speed_;
    VirtualFunction vf_;
    Recorder* recorder_ = nullptr;
    std::uint8_t number_ = 0;
    Playback* playback_ = nullptr;
    LinkReporter::Clock clock_ = std::chrono::steady_clock::now;
    std::unique_ptr<Session> session_;  // from open() to close()
};

}  // namespace vmbus::host
