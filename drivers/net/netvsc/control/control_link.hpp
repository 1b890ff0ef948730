// ControlLink: one request, one answer, across a ring that an lcore may be polling at the same
// time. The request waits for its answer in the mailbox; who polls the ring leaves it there. When
// nobody seems to poll, the waiting thread does it itself, under the same owner flag.
// Every wait has a deadline. Control threads, one at a time (a mutex sees to that). No DPDK.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/netvsc/lane.hpp"

namespace vmbus::netvsc {

struct Deadlines {
    std::chrono::milliseconds nvsp{5000};
    std::chrono::milliseconds rndis{10000};
    /// How long the data path has the first chance to pick an answer up.
    std::chrono::milliseconds grace{2};
};

class ControlLink {
public:
    ControlLink(Lane& primary, Health& health, const Deadlines& deadlines) noexcept
        : lane_(primary),
          channel_(primary.channel()),
          owner_(primary.owner()),
          inbound_(primary.inbound()),
          mailbox_(primary.mailbox()),
          health_(health),
          deadlines_(deadlines) {}

    /// Held by a caller from the request until it has used the answer.
    std::mutex& mutex() noexcept { return mutex_; }

    /// Once: sections 0 to kControlSlots - 1 of this buffer carry RNDIS requests.
    void set_send_sections(base::MutableBytes buffer, std::uint32_t section_bytes) noexcept {
        send_buffer_ = buffer;
        section_bytes_ = section_bytes;
    }
    /// Whether an lcore may be polling, so that it gets the first chance.
    void set_data_path_running(bool running) noexcept {
        // relaxed: only a matter of patience.
        running_.store_relaxed(running ? 1 : 0);
    }

    /// An NVSP request that is answered by a completion: its payload. Errors: ETIMEDOUT, ENODEV
    /// (the device is dead), EBUSY (too many unanswered), EIO.
    base::Result<base::Bytes> call_nvsp(base::Bytes message) noexcept;
    /// An NVSP message that the host does not answer. 0 or -errno.
    int send_nvsp(base::Bytes message) noexcept;
    /// An RNDIS request: the whole reply. Further errors: EMSGSIZE, ECONNREFUSED (the host
    /// completed the request with a failure).
    base::Result<base::Bytes> call_rndis(base::Bytes message, std::uint32_t request_id) noexcept;
    /// An RNDIS message without a reply (HALT): waits until the host has read it. 0 or -errno.
    int send_rndis(base::Bytes message) noexcept;
    /// An RNDIS request whose reply, when it comes, is nobody's. 0 or -errno.
    int post_rndis(base::Bytes message, std::uint32_t request_id) noexcept;

    /// Waits until the host has read all that was sent. False when it did not in time.
    bool drain(std::chrono::milliseconds timeout) noexcept;
    /// Reads the ring if nobody else does.
    void poll() noexcept { lane_.poll(); }

private:
    using Clock = std::chrono::steady_clock;

    struct Request {
        Mailbox::Kind kind;
        base::Bytes message;
        std::optional<std::uint32_t> rndis_request_id{};  ///< of what is replied to
        bool awaited = true;
    };
    base::Result<base::Bytes> call(const Request& request,
                                   std::chrono::milliseconds timeout) noexcept;
    base::Result<std::uint64_t> begin(const Request& request, Clock::time_point deadline) noexcept;
    int send_unawaited(const Request& request, std::chrono::milliseconds timeout) noexcept;
    int transmit(const Request& request, std::uint64_t id, Clock::time_point deadline) noexcept;
    int send_packet(const ring::OutgoingPacket& packet, Clock::time_point deadline) noexcept;
    base::Result<base::Bytes> await(Clock::time_point deadline) noexcept;
    int give_up(int error) noexcept;
    bool own_until(Clock::time_point deadline) noexcept;
    bool running() const noexcept {
        // relaxed: only a matter of patience.
        return running_.load_relaxed() != 0;
    }

    Lane& lane_;
    channel::GuestChannel& channel_;
    RingOwner& owner_;
    Inbound& inbound_;
    Mailbox& mailbox_;
    Health& health_;
    const Deadlines& deadlines_;
    std::mutex mutex_;
    base::Shared<std::uint32_t> running_{0};
    bool unresponsive_ = false;  ///< the last call timed out: do not wait long for the next thing
    base::MutableBytes send_buffer_{};
    std::uint32_t section_bytes_ = 0;
};

}  // namespace vmbus::netvsc
