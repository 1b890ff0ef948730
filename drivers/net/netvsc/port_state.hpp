// The life of a port as a table: which step is allowed in which state, and where it leads. Between
// kMapped and kReady lies the session, whose own steps (opened, NVSP ready, RNDIS ready) are in
// control/session.hpp. Pure; constexpr.
//
//   kMapped --attach--> kReady --configure--> kConfigured --start--> kStarted
//      ^------detach------+----------detach--------+  ^-----stop--------+
#pragma once

#include <cstdint>
#include <optional>

namespace vmbus::netvsc {

enum class PortState : std::uint8_t {
    kMapped,      ///< no session; the device may have to be mapped anew
    kReady,       ///< the host has answered everything
    kConfigured,  ///< MTU and offloads are chosen
    kStarted,     ///< frames flow
    kClosed,
};
enum class PortStep : std::uint8_t { kAttach, kDetach, kConfigure, kStart, kStop, kClose };

struct PortTransition {
    PortState from;
    PortStep step;
    PortState to;
};
inline constexpr PortTransition kPortTransitions[] = {
    {PortState::kMapped, PortStep::kAttach, PortState::kReady},
    {PortState::kReady, PortStep::kDetach, PortState::kMapped},
    {PortState::kConfigured, PortStep::kDetach, PortState::kMapped},
    {PortState::kReady, PortStep::kConfigure, PortState::kConfigured},
    {PortState::kConfigured, PortStep::kConfigure, PortState::kConfigured},
    {PortState::kConfigured, PortStep::kStart, PortState::kStarted},
    {PortState::kStarted, PortStep::kStop, PortState::kConfigured},
    {PortState::kMapped, PortStep::kClose, PortState::kClosed},
    {PortState::kReady, PortStep::kClose, PortState::kClosed},
    {PortState::kConfigured, PortStep::kClose, PortState::kClosed},
};

/// Where the step leads, or nothing when it is not allowed now.
constexpr std::optional<PortState> after(PortState state, PortStep step) noexcept {
    for (const PortTransition& transition : kPortTransitions) {
        if (transition.from == state && transition.step == step) {
            return transition.to;
        }
    }
    return std::nullopt;
}
static_assert(!after(PortState::kStarted, PortStep::kClose), "a port is stopped before it closes");
static_assert(!after(PortState::kClosed, PortStep::kAttach), "closed is closed");

}  // namespace vmbus::netvsc
