// Lockstep: the wire by which a guest program steps the host. From its first step on, the host
// serves the channels only while the guest waits for the answer, and each time until nothing is
// left to do: between two steps the guest is alone with what lies in the rings, so how many
// instructions it spends on that is the same in every run. Frames of a port reach the guest in
// steps only, so that none is in the way of the set-up. Owned by the machine, host thread. Docs:
// docs/emulator.md, "Lockstep".
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace vmbus::host {

class Lockstep {
public:
    /// Names the descriptor in the guest's environment: a SOCK_SEQPACKET socket.
    static constexpr char kVariable[] = "VMBUS_HOST_LOCKSTEP";

    enum class Kind : std::uint32_t {
        kStep = 1,  ///< serve until nothing is left to do, then stand still until the next step
        kRun = 2,   ///< serve as without lockstep, until the next step; frames stay with the ports
    };
    /// What the guest sends.
    struct Request {
        Kind kind;
        std::uint32_t frames;  ///< that each port may give to the guest in this step
    };
    static_assert(sizeof(Request) == 8);
    /// What the guest hears, once the step has ended.
    struct Answer {
        std::uint32_t turns;        ///< that had work
        std::uint32_t nanoseconds;  ///< that the host took; 4.3 s stand for anything longer
    };
    static_assert(sizeof(Answer) == 8);

    static base::Result<Lockstep> create() noexcept;

    /// What the guest inherits; ours to close once it runs.
    int guest_fd() const noexcept { return guest_.get(); }
    void guest_started() noexcept { guest_.reset(); }

    /// Readable when take() has something.
    int poll_fd() const noexcept { return host_.get(); }
    /// The next request, if there is one; anything else ends the stepping. The guest waits for
    /// answer().
    std::optional<Request> take() noexcept;
    void answer(const Answer& answer) noexcept;

    /// The channels are to be served in steps only.
    bool standing() const noexcept { return standing_; }

private:
    Lockstep(base::UniqueFd host, base::UniqueFd guest) noexcept
        : host_(std::move(host)), guest_(std::move(guest)) {}

    base::UniqueFd host_;
    base::UniqueFd guest_;
    bool standing_ = false;
};

}  // namespace vmbus::host
