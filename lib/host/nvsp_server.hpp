// The host's half of NVSP: versions, buffers, and whatever is not RNDIS. It decides what to answer
// and what was wrong; sending the answer is the session's, and so is everything about the bytes of
// RNDIS packets.
// Owned by the session; host thread only. Order of the handshake: docs/emulator.md.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/bytes.hpp"
#include "host/counters.hpp"
#include "host/nic_spec.hpp"
#include "host/receive_buffer.hpp"
#include "host/send_buffer.hpp"
#include "host/violation.hpp"
#include "wire/nvsp.hpp"

namespace vmbus::host {

/// The two shared buffers and the handles under which the guest knows them.
struct SharedBuffers {
    base::MutableBytes receive;
    std::uint32_t receive_gpadl = 0;
    base::MutableBytes send;
    std::uint32_t send_gpadl = 0;
};

class NvspServer {
public:
    enum class State : std::uint8_t { kVersion, kInit, kReady, kRevoked };

    /// What to complete the request with, if it wanted a completion.
    struct Reply {
        std::array<std::byte, wire::kNvspHostMessageBytesV61> bytes{};
        std::size_t size = 0;   ///< of the message: 0 is an empty completion
        bool old_size = false;  ///< 32 bytes whatever the version: INIT_COMPLETE
        bool none = false;      ///< there is no completion for this one
    };

    NvspServer(const NicSpec& spec, const SharedBuffers& shared, ReceiveBuffer& receive,
               SendBuffer& send, ViolationLog& violations, NicCounters& counters) noexcept
        : spec_(spec),
          shared_(shared),
          receive_(receive),
          send_(send),
          violations_(violations),
          counters_(counters) {}

    /// Any message but SEND_RNDIS_PACKET, from a private copy of its payload.
    Reply handle(base::Bytes payload, bool completion_requested) noexcept;
    /// The same on a sub-channel, where hardly anything has its place.
    Reply handle_on_sub_channel(base::Bytes payload, bool completion_requested) noexcept;

    /// An RNDIS packet arrived. False when it may not, now: answer with FAILURE.
    bool admit_rndis(base::Bytes payload) noexcept;

    State state() const noexcept { return state_; }
    wire::NvspVersion version() const noexcept { return version_; }
    bool message_is_long() const noexcept { return version_ >= wire::NvspVersion::kV61; }
    /// Largest frame, Ethernet header included, as the guest announced it.
    std::uint32_t mtu() const noexcept { return mtu_; }
    /// Channels that the guest may have, the primary included.
    std::uint32_t granted() const noexcept { return granted_; }
    /// Counts the requests for channels that were granted: each is followed by a send table.
    std::uint32_t grants() const noexcept { return grants_; }
    std::uint32_t ndis_major() const noexcept { return ndis_major_; }
    std::uint32_t ndis_minor() const noexcept { return ndis_minor_; }
    /// What the guest said that it knows (wire::kNvspCap bits of NDIS_CONFIG).
    std::uint32_t capabilities() const noexcept { return capabilities_; }
    /// The guest takes frames in several pieces.
    bool takes_rsc() const noexcept {
        return version_ >= wire::NvspVersion::kV61 && (capabilities_ & wire::kNvspCapRsc) != 0;
    }
    /// The guest wants to hear of the link's speed (Linux hyperv_net.h: teaming).
    bool hears_of_speed() const noexcept {
        return version_ >= wire::NvspVersion::kV5 && (capabilities_ & wire::kNvspCapTeaming) != 0;
    }
    /// The data path that the guest asked for last (vf_server.hpp): once for each time.
    std::optional<std::uint32_t> take_path_request() noexcept {
        return std::exchange(path_request_, std::nullopt);
    }
    /// The guest may be told of a virtual function.
    bool takes_vf() const noexcept {
        return version_ >= wire::NvspVersion::kV4 && (capabilities_ & wire::kNvspCapSriov) != 0;
    }

private:
    Reply init(base::Bytes payload) noexcept;
    Reply ndis_config(base::Bytes payload) noexcept;
    Reply ndis_version(base::Bytes payload) noexcept;
    Reply receive_buffer(base::Bytes payload) noexcept;
    Reply send_buffer(base::Bytes payload) noexcept;
    Reply sub_channels(base::Bytes payload) noexcept;
    Reply switch_data_path(base::Bytes payload) noexcept;
    Reply revoke(base::Bytes payload, wire::NvspType type) noexcept;
    Reply dispatch(wire::NvspType type, base::Bytes payload) noexcept;
    bool known(wire::NvspType type) const noexcept;
    bool in_order(wire::NvspType type, base::Bytes payload) noexcept;
    bool repeated(wire::NvspType type) const noexcept;
    void become_ready() noexcept;

    const NicSpec& spec_;
    const SharedBuffers shared_;
    ReceiveBuffer& receive_;
    SendBuffer& send_;
    ViolationLog& violations_;
    NicCounters& counters_;

    State state_ = State::kVersion;
    wire::NvspVersion version_ = wire::NvspVersion::kV1;
    std::uint32_t mtu_ = 0;
    std::uint32_t capabilities_ = 0;
    std::uint32_t ndis_major_ = 0;
    std::uint32_t ndis_minor_ = 0;
    std::uint32_t granted_ = 1;
    std::uint32_t grants_ = 0;
    bool have_config_ = false;
    bool have_ndis_version_ = false;
    std::optional<std::uint32_t> path_request_;
};

}  // namespace vmbus::host
