// Conversation: what the channels of a NIC share from open() to close(): the buffers, the two
// servers, and what the script of misbehaviour asked for. The NIC around it outlives it.
// Owned by the session; host thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "host/counters.hpp"
#include "host/fault_engine.hpp"
#include "host/guest_memory.hpp"
#include "host/interrupt.hpp"
#include "host/nic_spec.hpp"
#include "host/nvsp_server.hpp"
#include "host/port.hpp"
#include "host/receive_buffer.hpp"
#include "host/recorder.hpp"
#include "host/rndis_server.hpp"
#include "host/send_buffer.hpp"
#include "host/vf_server.hpp"
#include "host/violation.hpp"

namespace vmbus::host {

/// The NIC as its conversations see it.
struct NicContext {
    const NicSpec& spec;
    const SharedBuffers& buffers;
    Port& port;
    Interrupt& interrupt;
    const bool& link_up;
    const std::uint64_t& link_speed;
    const VirtualFunction& vf;
    FaultEngine& faults;
    ViolationLog& violations;
    NicCounters& counters;  ///< of what belongs to no channel
    std::span<const Counters> channels;
    LinkReporter::Clock clock;
    Recorder* recorder = nullptr;  ///< of what crosses the rings, if somebody wants to know
    std::uint8_t number = 0;       ///< of this NIC in the record
};

struct Conversation {
    Conversation(const NicContext& around, GuestMemory& guest_memory) noexcept
        : nic(around),
          memory(guest_memory),
          nvsp(nic.spec, nic.buffers, receive, send, nic.violations, nic.counters),
          rndis(nvsp, {.spec = nic.spec,
                       .link_up = nic.link_up,
                       .link_speed = nic.link_speed,
                       .port = nic.port,
                       .violations = nic.violations,
                       .counters = nic.counters,
                       .channels = nic.channels,
                       .clock = nic.clock,
                       .faults = nic.faults}),
          vf(nic.vf) {}
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;

    bool is_ready() const noexcept { return nvsp.state() == NvspServer::State::kReady; }
    bool is_receiving() const noexcept { return is_ready() && rndis.lets_in() && nic.link_up; }
    bool may_know_of_vf() const noexcept { return nvsp.takes_vf() && rndis.initialised(); }

    const NicContext nic;
    GuestMemory& memory;
    SendBuffer send;
    ReceiveBuffer receive;
    NvspServer nvsp;
    RndisServer rndis;
    VfServer vf;
    bool silent = false;                        ///< by script: nothing is read or written any more
    std::chrono::milliseconds paused_until{0};  ///< by script: the host is elsewhere till then
    unsigned link_flaps = 0;                    ///< by script: due at the end of the turn
};

}  // namespace vmbus::host
