// Temper: what the host makes of a guest that breaks a rule. Every temper counts the rule and keeps
// its bytes; they differ in what the guest gets to feel.
// Pure data. Docs: docs/emulator.md, "Tempers".
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vmbus::host {

enum class Temper : std::uint8_t {
    kStrict,    ///< a failure status; a ring that cannot be read stops the channel
    kTolerant,  ///< a failure status, or the packet is skipped; the channel always goes on
    kOpenvmm,   ///< the channel stops for good wherever OpenVMM's host gives it up
};
const char* to_string(Temper temper) noexcept;
std::optional<Temper> temper_named(std::string_view name) noexcept;

/// What happens to what broke the rule.
enum class Reaction : std::uint8_t {
    kCarried,  ///< it is dealt with all the same
    kSkipped,  ///< it is dropped without an answer
    kFailure,  ///< its answer is a failure status
    kStops,    ///< the channel is silent until the guest opens it again
};
/// A sentence for people.
const char* to_string(Reaction reaction) noexcept;

}  // namespace vmbus::host
