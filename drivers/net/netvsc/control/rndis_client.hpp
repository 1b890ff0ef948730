// RndisClient: RNDIS requests and their replies: initialise, query, set, halt. A reply is taken
// only when id and type are those of the request. Owned by the session; control threads, one at a
// time: each call takes the link's mutex until the answer is copied out. No DPDK.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "codec/rndis_codec.hpp"
#include "net/netvsc/control/control_link.hpp"

namespace vmbus::netvsc {

/// What the host allows of data messages.
struct RndisLimits {
    std::uint32_t max_packets = 1;  ///< in one message
    std::uint32_t max_bytes = 0;    ///< of one message
    std::uint32_t alignment = 8;    ///< of each packet but the first, a power of two
};

class RndisClient {
public:
    explicit RndisClient(ControlLink& link) noexcept : link_(link) {}

    int initialize() noexcept;
    const RndisLimits& limits() const noexcept { return limits_; }

    /// Copies the information into `out` and returns how much there was of it, cut to out.size().
    /// Errors: those of the link, EPROTO for a reply of the wrong type, EIO when the host said no.
    base::Result<std::size_t> query(wire::Oid oid, base::MutableBytes out,
                                    base::Bytes input = {}) noexcept;
    int set(wire::Oid oid, base::Bytes value) noexcept;
    /// Ends the conversation; there is no reply.
    void halt() noexcept;
    /// Asks for the state of the link and does not wait for the answer, nor for a control thread
    /// that asks something itself. Any thread.
    void nudge() noexcept;

private:
    base::Result<codec::Completion> exchange(base::Bytes message, std::uint32_t request_id,
                                             wire::RndisType expected) noexcept;
    std::uint32_t next_id() noexcept { return ++last_id_; }

    ControlLink& link_;
    RndisLimits limits_{};
    std::uint32_t last_id_ = 0;
};

}  // namespace vmbus::netvsc
