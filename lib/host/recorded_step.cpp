#include "host/recorded_step.hpp"

#include <algorithm>
#include <optional>

namespace vmbus::host {
namespace {

/// Whether a step, standing near the end, belongs to the guest's leave (true), begins something
/// that has to be taken leave of (false), or neither.
std::optional<bool> takes_leave(const RecordedStep& step) noexcept {
    if (step.kind == RecordKind::kOpened || step.kind == RecordKind::kClosed) {
        return step.channel == 0 ? std::optional(step.kind == RecordKind::kClosed) : std::nullopt;
    }
    const auto parts = parts_of(step.packet);
    if (!parts) {
        return std::nullopt;
    }
    const auto kind = kind_of_message(parts->payload, step.data);
    if (step.kind == RecordKind::kToGuest) {
        return kind.is_frames() ? std::optional(false) : std::nullopt;
    }
    if (begins_something(kind, step.data)) {
        return false;
    }
    return says_goodbye(kind, step.data) ? std::optional(true) : std::nullopt;
}

}  // namespace

MessageKind kind_of(const RecordedStep& step) noexcept {
    const auto parts = parts_of(step.packet);
    return parts ? kind_of_message(parts->payload, step.data) : MessageKind{};
}

std::size_t goodbye_of(std::span<const RecordedStep> steps) noexcept {
    std::size_t goodbye = steps.size();
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (const auto leave = takes_leave(steps[i])) {
            goodbye = *leave ? std::min(goodbye, i) : steps.size();
        }
    }
    return goodbye;
}

}  // namespace vmbus::host
