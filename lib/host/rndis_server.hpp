// The host's half of RNDIS control: initialise, query, set, keepalive, halt, and the indications of
// link and offload changes. Requests are answered at once into a queue; the answers travel in the
// first pieces of the receive buffer as the guest gives these back.
// Owned by the session; host thread only.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "host/counters.hpp"
#include "host/nic_spec.hpp"
#include "host/nvsp_server.hpp"
#include "host/offload_config.hpp"
#include "host/oid_table.hpp"
#include "host/outbox.hpp"
#include "host/port.hpp"
#include "host/receive_buffer.hpp"
#include "host/rss_config.hpp"
#include "host/violation.hpp"
#include "wire/rndis.hpp"

namespace vmbus::host {

/// What INITIALIZE_COMPLETE announces (OpenVMM netvsp).
inline constexpr std::uint32_t kMaxPacketsPerMessage = 8;

class RndisServer {
public:
    RndisServer(const NicSpec& spec, const NvspServer& nvsp, const bool& link_up, Port& port,
                ViolationLog& violations, NicCounters& counters) noexcept
        : spec_(spec),
          nvsp_(nvsp),
          link_up_(link_up),
          port_(port),
          violations_(violations),
          counters_(counters),
          offload_(spec.lso) {}

    /// A control message, from a private copy. False when it is refused: no answer follows.
    bool handle(base::Bytes message) noexcept;

    /// The cable was plugged or unplugged.
    void indicate_link(bool up) noexcept;

    /// Sends answers while there are pieces and room for them. True when something was sent.
    bool flush(ReceiveBuffer& receive, Outbox& outbox) noexcept;

    bool initialised() const noexcept { return initialised_; }
    /// Frames may go to the guest.
    bool lets_in() const noexcept { return filter_ != 0 && !halted_; }
    const OffloadConfig& offload() const noexcept { return offload_; }
    /// Large sends are allowed: also while the guest has switched them off, since hosts honour each
    /// packet's request.
    bool offers_lso() const noexcept { return offload_.offers_lso(); }
    const RssConfig& rss() const noexcept { return rss_; }
    /// Largest frame that passes either way, Ethernet header included: what the guest announced,
    /// or the network carries if that is less.
    std::uint32_t mtu() const noexcept;

private:
    static constexpr std::uint32_t kQueued = 64;
    struct Answer {
        std::size_t size = 0;
        std::array<std::byte, sizeof(wire::RndisQueryComplete) + kMaxOidBytes> bytes{};
    };

    bool initialise(base::Bytes message) noexcept;
    bool query(base::Bytes message) noexcept;
    bool set(base::Bytes message) noexcept;
    bool keepalive(base::Bytes message) noexcept;
    bool halt(base::Bytes message) noexcept;
    wire::RndisStatus apply(wire::Oid oid, base::Bytes info) noexcept;
    wire::RndisStatus set_filter(base::Bytes info) noexcept;
    bool refuse(Violation violation, base::Bytes message) noexcept;
    bool full() const noexcept { return tail_ - head_ == kQueued; }
    Answer& next() noexcept { return answers_[tail_ % kQueued]; }
    void push(std::size_t size) noexcept;
    void indicate(wire::RndisStatus status, base::Bytes info) noexcept;
    bool send(const Answer& answer, ReceiveBuffer& receive, Outbox& outbox) noexcept;

    const NicSpec& spec_;
    const NvspServer& nvsp_;
    const bool& link_up_;
    Port& port_;
    ViolationLog& violations_;
    NicCounters& counters_;

    bool initialised_ = false;
    bool halted_ = false;
    std::uint32_t filter_ = 0;
    OffloadConfig offload_;
    RssConfig rss_;
    std::uint32_t head_ = 0;
    std::uint32_t tail_ = 0;
    std::array<Answer, kQueued> answers_{};
};

}  // namespace vmbus::host
