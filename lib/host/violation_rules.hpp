// The rule behind each violation, in words: what a guest has to do, what each temper makes of a
// guest that does not, and where the rule comes from.
// Constant data; `vmbus-host explain` prints it. Docs: docs/emulator.md, "Violations".
#pragma once

#include <optional>
#include <string_view>

#include "host/temper.hpp"
#include "host/violation.hpp"

namespace vmbus::host {

struct ViolationRule {
    Violation violation;
    const char* name;  ///< snake_case, stable: scripts rely on it
    const char* rule;  ///< what a guest must do
    Reaction strict;
    Reaction tolerant;
    Reaction openvmm;
    const char* source;
};

const ViolationRule& rule_of(Violation violation) noexcept;
std::optional<Violation> violation_named(std::string_view name) noexcept;

constexpr Reaction reaction_of(const ViolationRule& rule, Temper temper) noexcept {
    switch (temper) {
        case Temper::kTolerant: return rule.tolerant;
        case Temper::kOpenvmm: return rule.openvmm;
        case Temper::kStrict: break;
    }
    return rule.strict;
}

}  // namespace vmbus::host
