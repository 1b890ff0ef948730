// The host's half of RNDIS control: initialise, query, set, keepalive, halt, and the indications of
// link and offload changes. Requests are answered at once into a queue; the answers travel in the
// first pieces of the receive buffer as the guest gives these back.
// Owned by the session; host thread only.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "host/counters.hpp"
#include "host/fault_engine.hpp"
#include "host/link_reporter.hpp"
#include "host/nic_spec.hpp"
#include "host/nvsp_server.hpp"
#include "host/offload_config.hpp"
#include "host/oid_table.hpp"
#include "host/outbox.hpp"
#include "host/packet_filter.hpp"
#include "host/port.hpp"
#include "host/receive_buffer.hpp"
#include "host/rss_config.hpp"
#include "host/violation.hpp"
#include "wire/rndis.hpp"

namespace vmbus::host {

/// What INITIALIZE_COMPLETE announces (OpenVMM netvsp).
inline constexpr std::uint32_t kMaxPacketsPerMessage = 8;

/// The NIC as its RNDIS server sees it.
struct RndisNic {
    const NicSpec& spec;
    const bool& link_up;
    const std::uint64_t& link_speed;  ///< bit/s
    Port& port;
    ViolationLog& violations;
    NicCounters& counters;
    std::span<const Counters> channels;
    LinkReporter::Clock clock;
    FaultEngine& faults;
};

class RndisServer {
public:
    RndisServer(const NvspServer& nvsp, const RndisNic& nic) noexcept
        : nvsp_(nvsp),
          nic_(nic),
          faults_(nic.faults),
          link_(nic.link_up),
          filter_(nic.spec.mac),
          offload_(nic.spec.lso) {}

    /// A control message, from a private copy. False when it is refused: no answer follows.
    bool handle(base::Bytes message) noexcept;

    /// The cable was plugged or unplugged; or is what it was, and the guest is to look again.
    void indicate_link(bool up) noexcept;
    /// The link has another speed.
    void indicate_speed() noexcept;
    /// Says again what is switched on.
    void indicate_offload() noexcept;

    /// A status indication as it is, for scripts of misbehaviour.
    void indicate_raw(base::Bytes message) noexcept;

    /// Sends answers while there are pieces and room for them. True when something was sent.
    bool flush(ReceiveBuffer& receive, Outbox& outbox) noexcept;

    bool initialised() const noexcept { return initialised_; }
    /// Frames may go to the guest.
    bool lets_in() const noexcept { return filter_.value() != 0 && !halted_; }
    const PacketFilter& filter() const noexcept { return filter_; }
    const OffloadConfig& offload() const noexcept { return offload_; }
    /// Large sends are allowed: also while the guest has switched them off, since hosts honour each
    /// packet's request.
    bool offers_lso() const noexcept { return offload_.offers_lso(); }
    const RssConfig& rss() const noexcept { return rss_; }
    /// How often the guest set its receive-side scaling.
    std::uint32_t rss_changes() const noexcept { return rss_changes_; }
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
    wire::RndisStatus set_rss(base::Bytes info) noexcept;
    wire::RndisStatus set_filter(base::Bytes info) noexcept;
    void report_link() noexcept;
    bool refuse(Violation violation, base::Bytes message) noexcept;
    bool full() const noexcept { return tail_ - head_ == kQueued; }
    Answer& next() noexcept { return answers_[tail_ % kQueued]; }
    void push(std::size_t size, wire::Oid oid = {}) noexcept;
    bool spoil(std::size_t& size, wire::Oid oid) noexcept;
    void indicate(wire::RndisStatus status, base::Bytes info) noexcept;
    bool send(const Answer& answer, ReceiveBuffer& receive, Outbox& outbox) noexcept;

    const NvspServer& nvsp_;
    const RndisNic nic_;

    FaultPoint faults_;
    std::uint32_t late_turns_ = 0;  ///< by script: answers wait for that long

    bool initialised_ = false;
    bool halted_ = false;
    LinkReporter link_;
    PacketFilter filter_;
    OffloadConfig offload_;
    RssConfig rss_;
    std::uint32_t rss_changes_ = 0;
    std::uint32_t head_ = 0;
    std::uint32_t tail_ = 0;
    std::array<Answer, kQueued> answers_{};
};

}  // namespace vmbus::host
