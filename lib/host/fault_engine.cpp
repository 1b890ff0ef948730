#include "host/fault_engine.hpp"

#include <utility>

namespace vmbus::host {
namespace {

/// splitmix64: one step for each number, any seed is good.
std::uint64_t next_random(std::uint64_t& state) noexcept {
    std::uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

double fraction(std::uint64_t random) noexcept {
    return static_cast<double>(random >> 11) * 0x1p-53;
}

std::uint8_t any_variant(Fault fault, std::uint64_t random) noexcept {
    const auto& variants = kind_of(fault).variants;
    std::uint8_t count = 0;
    while (count < variants.size() && variants[count] != nullptr) {
        ++count;
    }
    return count == 0 ? std::uint8_t{0} : static_cast<std::uint8_t>(random % count);
}

}  // namespace

FaultEngine::FaultEngine(const FaultScript& script) {
    for (const FaultStep& step : script) {
        wanted_ |= std::uint64_t{1} << static_cast<unsigned>(step.what);
        // A stream of its own for each step: adding one does not change the others.
        steps_.push_back({step, step.seed * 0x100000001B3 + steps_.size()});
    }
}

void FaultEngine::begin_turn(std::chrono::steady_clock::time_point now) noexcept {
    if (!first_turn_) {
        first_turn_ = now;
    }
    now_ = std::chrono::duration_cast<std::chrono::milliseconds>(now - *first_turn_);
}

bool FaultEngine::matches(const Running& running, std::uint32_t channel, Subject subject,
                          std::uint32_t oid) const noexcept {
    const FaultStep& step = running.step;
    return (!step.channel || *step.channel == channel) &&
           (step.on == Subject::kAny || step.on == subject) && (!step.oid || *step.oid == oid) &&
           now_ >= step.from;
}

/// The occasion is this step's; whether it goes wrong.
bool FaultEngine::is_turn(Running& running) noexcept {
    const FaultStep& step = running.step;
    const std::uint64_t n = running.seen++;
    return n >= step.after && running.struck < step.count && (n - step.after) % step.every == 0 &&
           (step.probability >= 1 || fraction(next_random(running.random)) < step.probability);
}

std::optional<FaultDetails> FaultEngine::strikes(Fault fault, std::uint32_t channel,
                                                 Subject subject, std::uint32_t oid) noexcept {
    std::optional<FaultDetails> details;
    for (Running& running : steps_) {
        if (running.step.what != fault || !matches(running, channel, subject, oid) ||
            !is_turn(running) || details) {
            continue;
        }
        ++running.struck;
        ++struck_;
        ++struck_by_kind_[static_cast<std::size_t>(fault)];
        const FaultStep& step = running.step;
        details = {step.how, step.value.value_or(kind_of(fault).value), step.offset};
        if (details->how == FaultStep::kAnyVariant) {
            details->how = any_variant(fault, next_random(running.random));
        }
    }
    return details;
}

}  // namespace vmbus::host
