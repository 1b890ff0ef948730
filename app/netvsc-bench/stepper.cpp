#include "stepper.hpp"

#include <sys/socket.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace netvsc_bench {

Stepper::Stepper() {
    const char* text = std::getenv("VMBUS_HOST_LOCKSTEP");
    if (text == nullptr ||
        std::from_chars(text, text + std::strlen(text), wire_).ec != std::errc{}) {
        throw std::runtime_error("--steps needs a host that was started with --lockstep");
    }
}

/// The host goes on by itself, so that the driver can say good-bye.
Stepper::~Stepper() {
    Answer answer{};
    ask({.kind = 2, .frames = 0}, answer);
}

std::uint32_t Stepper::step(std::uint32_t frames) {
    Answer answer{};
    if (!ask({.kind = 1, .frames = frames}, answer)) {
        throw std::runtime_error("the host does not answer a step");
    }
    return answer.nanoseconds;
}

bool Stepper::ask(const Request& request, Answer& answer) {
    return ::send(wire_, &request, sizeof request, MSG_NOSIGNAL) == sizeof request &&
           ::recv(wire_, &answer, sizeof answer, 0) == sizeof answer;
}

}  // namespace netvsc_bench
