// Scripted misbehaviour: what the host does wrong, and when, as plain data. The places that can go
// wrong ask the engine; without a script that is one test of a flag.
// Owned by the NIC, host thread only. The script is JSON:
//   [{"what": "lost_completion", "after": 100, "count": 2}, {"what": "link_flap"}]
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vmbus::host {

/// Each is counted on the thing in brackets.
enum class Fault : std::uint8_t {
    kLateCompletion,       ///< [completion] held back for kLateTurns turns, then sent
    kLostCompletion,       ///< [completion] never sent
    kDuplicateCompletion,  ///< [completion] sent twice
    kForgedCompletion,     ///< [completion] sent with an id that nobody gave out
    kBadLength,            ///< [ring packet] its length goes beyond the host's index
    kBadIndex,           ///< [ring packet] the write index that announces it lies outside the ring
    kUnknownPacketType,  ///< [ring packet] a type that no channel uses
    kBadRndisLength,     ///< [frame delivered] its message is longer than its range
    kBadPpi,             ///< [frame delivered] per-packet info of size zero
    kRescind,            ///< [packet from the guest] the device is taken away
    kHostRestart,        ///< [packet from the guest] all devices go, and are offered again
    kLinkFlap,           ///< [packet from the guest] link down and up again
    kSilence,  ///< [packet from the guest] nothing is read or written until it opens again
};
inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::kSilence) + 1;
/// snake_case, as in a script.
const char* to_string(Fault fault) noexcept;

struct FaultStep {
    Fault what{};
    std::uint64_t after = 0;  ///< that many go well first
    std::uint64_t count = 1;  ///< then that many go wrong
};
using FaultScript = std::vector<FaultStep>;

/// On failure returns nothing and sets `why` to one line.
std::optional<FaultScript> parse_fault_script(std::string_view text, std::string& why);

class FaultEngine {
public:
    static constexpr unsigned kLateTurns = 1000;

    FaultEngine() = default;
    explicit FaultEngine(FaultScript script) noexcept : script_(std::move(script)) {}

    /// Whether any step is of this kind, done or not: the cheap test.
    bool active() const noexcept { return !script_.empty(); }

    /// One more of what `fault` is counted on happens. True: now it goes wrong.
    bool due(Fault fault) noexcept { return active() && strikes(fault); }

    void request_rescind() noexcept { rescind_ = true; }
    bool take_rescind_request() noexcept {
        const bool wanted = rescind_;
        rescind_ = false;
        return wanted;
    }
    void request_restart() noexcept { restart_ = true; }
    bool take_restart_request() noexcept { return std::exchange(restart_, false); }
    std::uint64_t struck() const noexcept { return struck_; }

private:
    bool strikes(Fault fault) noexcept;

    FaultScript script_;
    std::array<std::uint64_t, kFaults> seen_{};
    std::uint64_t struck_ = 0;
    bool rescind_ = false;
    bool restart_ = false;
};

}  // namespace vmbus::host
