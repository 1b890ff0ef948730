#include "host/fault.hpp"

#include <nlohmann/json.hpp>

namespace vmbus::host {
namespace {

using Json = nlohmann::json;

std::optional<Fault> fault_named(const std::string& name) noexcept {
    for (std::size_t i = 0; i < kFaults; ++i) {
        if (name == to_string(static_cast<Fault>(i))) {
            return static_cast<Fault>(i);
        }
    }
    return std::nullopt;
}

/// On one line, and not deeper than a line shows: dump() descends into what is nested.
std::string brief(const Json& value) {
    return value.is_structured() ? value.type_name() : value.dump();
}

/// One key of a step; an empty answer is "fine".
std::string read_key(const std::string& key, const Json& value, FaultStep& step) {
    if (key == "what") {
        const auto fault = value.is_string() ? fault_named(value.get<std::string>()) : std::nullopt;
        if (!fault) {
            return "unknown fault " + brief(value);
        }
        step.what = *fault;
        return {};
    }
    if (key != "after" && key != "count") {
        return "unknown key " + brief(key);
    }
    if (!value.is_number_unsigned()) {
        return "\"" + key + "\" is not a count: " + brief(value);
    }
    (key == "after" ? step.after : step.count) = value.get<std::uint64_t>();
    return {};
}

std::string read_step(const Json& object, FaultStep& step) {
    if (!object.is_object() || !object.contains("what")) {
        return "not an object with \"what\": " + brief(object);
    }
    for (const auto& [key, value] : object.items()) {
        if (auto error = read_key(key, value, step); !error.empty()) {
            return error;
        }
    }
    return {};
}

}  // namespace

const char* to_string(Fault fault) noexcept {
    switch (fault) {
        case Fault::kLateCompletion: return "late_completion";
        case Fault::kLostCompletion: return "lost_completion";
        case Fault::kDuplicateCompletion: return "duplicate_completion";
        case Fault::kForgedCompletion: return "forged_completion";
        case Fault::kBadLength: return "bad_length";
        case Fault::kBadIndex: return "bad_index";
        case Fault::kUnknownPacketType: return "unknown_packet_type";
        case Fault::kBadRndisLength: return "bad_rndis_length";
        case Fault::kBadPpi: return "bad_ppi";
        case Fault::kRescind: return "rescind";
        case Fault::kHostRestart: return "host_restart";
        case Fault::kLinkFlap: return "link_flap";
        case Fault::kSilence: return "silence";
    }
    return "unknown";
}

std::optional<FaultScript> parse_fault_script(std::string_view text, std::string& why) {
    const Json document = Json::parse(text, nullptr, false);
    if (document.is_discarded()) {
        why = "fault script: not JSON";
        return std::nullopt;
    }
    if (!document.is_array()) {
        why = "fault script: not a list of steps";
        return std::nullopt;
    }
    FaultScript script;
    for (const Json& object : document) {
        FaultStep step;
        if (const auto error = read_step(object, step); !error.empty()) {
            why = "fault script: step " + std::to_string(script.size() + 1) + ": " + error;
            return std::nullopt;
        }
        script.push_back(step);
    }
    return script;
}

bool FaultEngine::strikes(Fault fault) noexcept {
    const std::uint64_t n = seen_[static_cast<std::size_t>(fault)]++;
    for (const FaultStep& step : script_) {
        if (step.what == fault && n >= step.after && n - step.after < step.count) {
            ++struck_;
            return true;
        }
    }
    return false;
}

}  // namespace vmbus::host
