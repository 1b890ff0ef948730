// Playback: what a recorded host said (record.hpp), said again to another guest. It stands in the
// place of the NVSP and RNDIS servers: it waits for each control request of the record, in order,
// and then says what the host said after it. Frames of the guest are completed as they come,
// whether the record has as many or not.
// What belongs to this conversation and not to the recorded one is put right on the way: ids of
// packets and of RNDIS requests, and the id of the receive buffer.
// One for each NIC; host thread only. Docs: docs/emulator.md, "Recording".
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "host/outbox.hpp"
#include "host/record.hpp"
#include "ring/packet_view.hpp"

namespace vmbus::host {

/// What a request is about: two are the same when these are.
struct RequestKind {
    std::uint32_t nvsp = 0;   ///< NvspType
    std::uint32_t rndis = 0;  ///< RndisType of what it carries; 0 when it carries nothing
    std::uint32_t oid = 0;    ///< of a QUERY or SET

    bool operator==(const RequestKind&) const = default;
    bool is_data() const noexcept;
};
/// From the NVSP message and the bytes that it points to.
RequestKind kind_of_request(base::Bytes payload, base::Bytes data) noexcept;
std::string to_string(const RequestKind& kind);

class Playback {
public:
    /// One step of a record, as far as it is played back: the requests of the guest that are
    /// waited for, and everything that the host said.
    struct Step {
        RecordKind kind{};
        std::vector<std::byte> packet;
        std::vector<std::byte> data;
    };

    explicit Playback(std::vector<Step> steps) noexcept : steps_(std::move(steps)) {}

    /// The guest said something. `payload` is the private copy of its message, `data` of what it
    /// points to.
    void heard(std::uint64_t transaction_id, base::Bytes payload, base::Bytes data);
    /// Says what is due, as far as it fits. `receive` is the receive buffer. True when something
    /// was said.
    bool speak(Outbox& outbox, base::MutableBytes receive);

    bool finished() const noexcept { return at_ == steps_.size() || diverged(); }
    /// The guest asked for something else than the recorded one; nothing more is said.
    bool diverged() const noexcept { return !difference_.empty(); }
    /// In one line, or empty.
    const std::string& difference() const noexcept { return difference_; }

private:
    struct Heard {
        std::uint64_t id = 0;
        RequestKind kind;
        std::uint32_t rndis_request = 0;
    };

    bool step_request(const Step& step);
    bool step_host(const Step& step, Outbox& outbox, base::MutableBytes receive, bool& fits);
    bool say_completion(const Step& step, Outbox& outbox, bool& fits);
    bool say_packet(const Step& step, Outbox& outbox, base::MutableBytes receive, bool& fits);
    void put_ranges(const Step& step, base::Bytes header, base::MutableBytes receive) const;
    bool complete_frames(Outbox& outbox);

    const std::vector<Step> steps_;
    std::size_t at_ = 0;
    std::deque<Heard> requests_;                  ///< control requests, not yet matched
    std::deque<std::uint64_t> frames_;            ///< ids of data packets, not yet completed
    std::map<std::uint64_t, std::uint64_t> ids_;  ///< of packets: recorded -> this guest's
    std::map<std::uint32_t, std::uint32_t> rndis_requests_;
    std::uint16_t receive_id_ = 0;
    std::string difference_;
};

}  // namespace vmbus::host
