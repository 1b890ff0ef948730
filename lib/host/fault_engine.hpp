// FaultEngine: follows the script of one NIC: the places that can go wrong tell it of each occasion
// and are told whether this one does. Without a script that is one test of a flag.
// FaultPoint: the same as one channel sees it.
// Owned by the NIC, host thread only. A script with its seed goes the same way each time.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "host/fault.hpp"

namespace vmbus::host {

class FaultEngine {
public:
    FaultEngine() = default;
    explicit FaultEngine(const FaultScript& script);

    /// Whether any step is there, done or not: the cheap test.
    bool active() const noexcept { return !steps_.empty(); }

    /// Once a turn of the NIC. Requires: now does not go back.
    void begin_turn(std::chrono::steady_clock::time_point now) noexcept;

    /// One more of what `fault` is counted on happens. An answer: now it goes wrong, in this way.
    std::optional<FaultDetails> due(Fault fault, std::uint32_t channel = 0,
                                    Subject subject = Subject::kAny,
                                    std::uint32_t oid = 0) noexcept {
        return (wanted_ >> static_cast<unsigned>(fault) & 1U) == 0
                   ? std::nullopt
                   : strikes(fault, channel, subject, oid);
    }

    /// Since the first turn.
    std::chrono::milliseconds now() const noexcept { return now_; }

    void request_rescind() noexcept { rescind_ = true; }
    bool take_rescind_request() noexcept { return std::exchange(rescind_, false); }
    void request_restart() noexcept { restart_ = true; }
    bool take_restart_request() noexcept { return std::exchange(restart_, false); }
    /// How often a fault struck, of all kinds and of one.
    std::uint64_t struck() const noexcept { return struck_; }
    std::uint64_t struck(Fault fault) const noexcept {
        return struck_by_kind_[static_cast<std::size_t>(fault)];
    }

private:
    struct Running {
        FaultStep step;
        std::uint64_t random;
        std::uint64_t seen = 0;
        std::uint64_t struck = 0;
    };
    static_assert(kFaults <= 64, "one bit for each in wanted_");

    std::optional<FaultDetails> strikes(Fault fault, std::uint32_t channel, Subject subject,
                                        std::uint32_t oid) noexcept;
    bool matches(const Running& running, std::uint32_t channel, Subject subject,
                 std::uint32_t oid) const noexcept;
    static bool is_turn(Running& running) noexcept;

    std::vector<Running> steps_;
    std::uint64_t wanted_ = 0;  ///< kinds that any step names
    std::optional<std::chrono::steady_clock::time_point> first_turn_;
    std::chrono::milliseconds now_{0};
    std::uint64_t struck_ = 0;
    std::array<std::uint64_t, kFaults> struck_by_kind_{};
    bool rescind_ = false;
    bool restart_ = false;
};

class FaultPoint {
public:
    FaultPoint(FaultEngine& engine, std::uint32_t channel = 0) noexcept  // NOLINT: a view
        : engine_(&engine), channel_(channel) {}

    bool active() const noexcept { return engine_->active(); }
    std::optional<FaultDetails> due(Fault fault, Subject subject = Subject::kAny,
                                    std::uint32_t oid = 0) noexcept {
        return engine_->due(fault, channel_, subject, oid);
    }
    FaultEngine& engine() noexcept { return *engine_; }

private:
    FaultEngine* engine_;
    std::uint32_t channel_;
};

}  // namespace vmbus::host
