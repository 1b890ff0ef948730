// Stepper: the guest's end of the host's lockstep wire. Main thread only.
// Protocol: docs/emulator.md, "Lockstep".
#pragma once

#include <cstdint>

namespace netvsc_bench {

class Stepper {
public:
    /// Throws std::runtime_error when the host was not started with --lockstep.
    Stepper();
    Stepper(const Stepper&) = delete;
    Stepper& operator=(const Stepper&) = delete;
    ~Stepper();

    /// The host serves until nothing is left to do, and gives at most so many frames of each NIC;
    /// then it stands still. Returns the nanoseconds that the host says it took.
    std::uint32_t step(std::uint32_t frames);

private:
    struct Request {
        std::uint32_t kind;
        std::uint32_t frames;
    };
    struct Answer {
        std::uint32_t turns;
        std::uint32_t nanoseconds;
    };
    bool ask(const Request& request, Answer& answer);

    int wire_ = -1;
};

}  // namespace netvsc_bench
