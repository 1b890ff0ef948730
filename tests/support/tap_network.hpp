// Two Linux network stacks in namespaces of their own, each with a tap device that vmbus-host makes
// for them, and what to do between them. The namespaces live in two processes that the kernel kills
// when the test goes, however it goes: nothing is left behind.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/host_run.hpp"

namespace vmbus::test {

/// How much goes through: a moment in a test, more when VMBUS_SOAK is set (tools/soak).
struct TrafficSize {
    unsigned seconds;
    unsigned megabytes;
};
TrafficSize traffic_size();

class TapNetwork {
public:
    /// Why it cannot be had here; empty when it can.
    static std::string missing();

    TapNetwork();

    /// `port=tap:...` for the near side (0) or the far side (1).
    std::string port(unsigned side) const;
    /// Addresses for both sides, once vmbus-host made the devices. Empty, or what went wrong.
    std::string configure();

    /// Waits until a ping gets through; then pings on, with IPv4 and IPv6. Empty, or what went
    /// wrong.
    std::string ping();
    /// Megabits per second that the receiver saw; nothing when it failed, with the reason in `why`.
    enum class Way { kThere, kBack };
    std::optional<double> tcp(Way way, std::string& why);
    /// Downloads a file of random bytes and compares it. Empty, or what went wrong.
    std::string download();

private:
    std::vector<std::string> in(unsigned side, std::vector<std::string> command) const;
    std::string run_in(unsigned side, const std::vector<std::string>& command) const;

    TemporaryFolder folder_;
    Child sides_[2];
};

}  // namespace vmbus::test
