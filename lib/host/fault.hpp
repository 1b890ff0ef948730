// Scripted misbehaviour as plain data: what a host can do wrong, in which variants, on what
// occasion, and the steps of a script. What happens when is fault_engine.hpp; how a script is
// written, fault_script.hpp; the places that go wrong ask the engine under these names.
// Constant data and values. Docs: docs/emulator.md, "Faults".
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace vmbus::host {

enum class Fault : std::uint8_t {
    kLateCompletion,
    kLostCompletion,
    kDuplicateCompletion,
    kForgedCompletion,
    kReorderedCompletion,
    kShortCompletion,
    kWrongCompletion,
    kFailedCompletion,
    kBadAnswer,
    kBadLength,
    kBadFlags,
    kUnknownPacketType,
    kBadFooter,
    kBadIndex,
    kBadReadIndex,
    kForgedWord,
    kFlood,
    kSpuriousInterrupt,
    kBadTransfer,
    kBadRndisLength,
    kBadPpi,
    kBadFrame,
    kRewrittenFrame,
    kLostReply,
    kLateReply,
    kDuplicateReply,
    kShortReply,
    kWrongReplyId,
    kBadReply,
    kBadStatus,
    kLinkFlap,
    kUnknownMessage,
    kShortMessage,
    kVfAssociation,
    kSwitchDataPath,
    kIndirectionTable,
    kPause,
    kSilence,
    kRescind,
    kTouchAfterClose,
    kHostRestart,
    kLateOffer,
    kLostOffer,
    kDuplicateOffer,
    kWrongOffer,
    kRescindChannel,
};
inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::kRescindChannel) + 1;

/// What a fault happens to: each step of a script counts these.
enum class Occasion : std::uint8_t {
    kCompletion,  ///< a completion for the guest
    kRingPacket,  ///< any packet for the guest
    kTransfer,    ///< a packet of frames
    kFrame,       ///< a frame that is delivered
    kReply,       ///< an RNDIS reply
    kRequest,     ///< a packet from the guest
    kClose,       ///< the guest closed the device
    kOffer,       ///< a sub-channel is offered
};

/// The message at hand, for scripts that name one ("on").
enum class Subject : std::uint8_t {
    kAny,
    kData,
    kControl,
    kInit,
    kReceiveBuffer,
    kSendBuffer,
    kSubChannel,
    kOidQueryEx,
    kInitialize,
    kQuery,
    kSet,
    kKeepalive,
    kIndication,
};

/// What is known of a fault besides its name.
struct FaultKind {
    Fault fault;
    const char* name;  ///< snake_case, as in a script
    Occasion occasion;
    bool harmless;                         ///< a guest that keeps the contract loses nothing by it
    std::array<const char*, 10> variants;  ///< "how": the default first, nullptr last
    std::uint32_t value;                   ///< default
    const char* does;                      ///< the host ...
};
const FaultKind& kind_of(Fault fault) noexcept;
const char* to_string(Fault fault) noexcept;
const char* to_string(Occasion occasion) noexcept;
std::optional<Fault> fault_named(std::string_view name) noexcept;
std::optional<Subject> subject_named(std::string_view name) noexcept;

/// How it goes wrong this time.
struct FaultDetails {
    std::uint8_t how = 0;
    std::uint32_t value = 0;
    std::uint32_t offset = 0;
};

struct FaultStep {
    static constexpr std::uint64_t kForever = std::numeric_limits<std::uint64_t>::max();
    static constexpr std::uint8_t kAnyVariant = 0xFF;  ///< another one each time

    Fault what{};
    std::uint64_t after = 0;  ///< that many go well first
    std::uint64_t count = 1;  ///< then that many go wrong
    std::uint64_t every = 1;  ///< each of so many, from then on
    double probability = 1;
    std::chrono::milliseconds from{0};  ///< since the script was given
    std::optional<std::uint32_t> channel{};
    Subject on = Subject::kAny;
    std::optional<std::uint32_t> oid{};
    std::uint8_t how = 0;                  ///< index into the variants of the kind
    std::optional<std::uint32_t> value{};  ///< the kind's own, if there is none
    std::uint32_t offset = 0;
    std::uint64_t seed = 1;
};
using FaultScript = std::vector<FaultStep>;

}  // namespace vmbus::host
