#include "host/fault_script.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace vmbus::host {
namespace {

using Json = nlohmann::json;

/// One entry of the list: the steps it stands for, and on which NIC, if not on all.
struct Entry {
    FaultStep step{};
    std::vector<Fault> kinds{};
    std::string how{};
    std::optional<std::size_t> nic{0};
};

/// On one line, and not deeper than a line shows: dump() descends into what is nested.
std::string brief(const Json& value) {
    return value.is_structured() ? value.type_name()
                                 : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool read_count(const Json& value, std::uint64_t& out) {
    if (!value.is_number_unsigned()) {
        return false;
    }
    out = value.get<std::uint64_t>();
    return true;
}

template <class Out>
bool read_u32(const Json& value, Out& out) {
    std::uint64_t wide = 0;
    if (!read_count(value, wide) || wide > UINT32_MAX) {
        return false;
    }
    out = static_cast<std::uint32_t>(wide);
    return true;
}

bool read_harmless(std::vector<Fault>& kinds, bool only_harmless) {
    for (std::size_t i = 0; i < kFaults; ++i) {
        const auto fault = static_cast<Fault>(i);
        if (!only_harmless || kind_of(fault).harmless) {
            kinds.push_back(fault);
        }
    }
    return true;
}

bool read_kinds(const Json& value, std::vector<Fault>& kinds) {
    if (value == "harmless" || value == "all") {
        return read_harmless(kinds, value == "harmless");
    }
    if (!value.is_array() || value.empty()) {
        return false;
    }
    return std::all_of(value.begin(), value.end(), [&](const Json& name) {
        const auto fault =
            name.is_string() ? fault_named(name.get<std::string>()) : std::optional<Fault>();
        if (fault) {
            kinds.push_back(*fault);
        }
        return fault.has_value();
    });
}

/// "0x00010101" or a number.
bool read_oid(const Json& value, std::optional<std::uint32_t>& oid) {
    if (!value.is_string()) {
        return read_u32(value, oid);
    }
    const auto text = value.get<std::string>();
    std::uint32_t number = 0;
    const bool hex = text.starts_with("0x") && text.size() > 2;
    const auto end = text.data() + text.size();
    const bool good = hex && std::from_chars(text.data() + 2, end, number, 16).ptr == end;
    oid = number;
    return good;
}

bool read_nic(const Json& value, std::size_t nics, std::optional<std::size_t>& nic) {
    std::uint64_t number = 0;
    if (value == "all") {
        nic.reset();
        return true;
    }
    if (!read_count(value, number) || number >= nics) {
        return false;
    }
    nic = number;
    return true;
}

bool read_probability(const Json& value, double& out) {
    if (!value.is_number() || value.get<double>() < 0 || value.get<double>() > 1) {
        return false;
    }
    out = value.get<double>();
    return true;
}

/// Up to a day.
bool read_milliseconds(const Json& value, std::chrono::milliseconds& out) {
    std::uint64_t count = 0;
    if (!read_count(value, count) || count > 86'400'000) {
        return false;
    }
    out = std::chrono::milliseconds(count);
    return true;
}

bool read_on(const Json& value, Subject& on) {
    const auto subject =
        value.is_string() ? subject_named(value.get<std::string>()) : std::optional<Subject>();
    on = subject.value_or(Subject::kAny);
    return subject.has_value();
}

bool read_how(const Json& value, std::string& how) {
    how = value.is_string() ? value.get<std::string>() : "";
    return value.is_string();
}

/// What a key must hold; nullptr when there is no such key. `good` says whether it does.
const char* read_key(const std::string& key, const Json& value, std::size_t nics, Entry& entry,
                     bool& good) {
    FaultStep& step = entry.step;
    const auto answer = [&good](bool read, const char* what) {
        good = read;
        return what;
    };
    constexpr const char* kCount = "a count";
    if (key == "after") return answer(read_count(value, step.after), kCount);
    if (key == "count") {
        const bool forever = value == "forever";
        step.count = FaultStep::kForever;
        return answer(forever || read_count(value, step.count), "a count or \"forever\"");
    }
    if (key == "every")
        return answer(read_count(value, step.every) && step.every > 0, "a count above 0");
    if (key == "probability")
        return answer(read_probability(value, step.probability), "a number from 0 to 1");
    if (key == "at_ms") return answer(read_milliseconds(value, step.from), "a time of one day");
    if (key == "nic")
        return answer(read_nic(value, nics, entry.nic), "the number of a NIC or \"all\"");
    if (key == "channel") return answer(read_u32(value, step.channel), "the number of a channel");
    if (key == "on") return answer(read_on(value, step.on), "the name of a message");
    if (key == "oid") return answer(read_oid(value, step.oid), "a number or \"0x...\"");
    if (key == "how") return answer(read_how(value, entry.how), "the name of a variant");
    if (key == "value") return answer(read_u32(value, step.value), "a 32-bit number");
    if (key == "offset") return answer(read_u32(value, step.offset), "a 32-bit number");
    if (key == "of")
        return answer(read_kinds(value, entry.kinds), R"("harmless", "all" or a list of faults)");
    return nullptr;
}

std::string read_what(const Json& object, Entry& entry) {
    const Json& what = object["what"];
    if (what == "random") {
        entry.step.count = FaultStep::kForever;
        entry.step.how = FaultStep::kAnyVariant;
        return object.contains("of") ? "" : R"("random" needs "of")";
    }
    const auto fault =
        what.is_string() ? fault_named(what.get<std::string>()) : std::optional<Fault>();
    if (!fault) {
        return "unknown fault " + brief(what);
    }
    entry.kinds = {*fault};
    return object.contains("of") ? R"("of" belongs to "random")" : "";
}

std::string choose_variant(Entry& entry) {
    if (entry.how.empty()) {
        return {};
    }
    if (entry.how == "any") {
        entry.step.how = FaultStep::kAnyVariant;
        return {};
    }
    const auto& variants = kind_of(entry.kinds[0]).variants;
    for (std::size_t i = 0; i < variants.size() && variants[i] != nullptr; ++i) {
        if (entry.kinds.size() == 1 && entry.how == variants[i]) {
            entry.step.how = static_cast<std::uint8_t>(i);
            return {};
        }
    }
    return "\"how\" is no variant of this fault: " + brief(entry.how);
}

/// An empty answer is "fine".
std::string read_entry(const Json& object, std::size_t nics, Entry& entry) {
    if (!object.is_object() || !object.contains("what")) {
        return "not an object with \"what\": " + brief(object);
    }
    if (auto error = read_what(object, entry); !error.empty()) {
        return error;
    }
    for (const auto& [key, value] : object.items()) {
        bool good = true;
        if (key == "what") {
            continue;
        }
        const char* wanted = read_key(key, value, nics, entry, good);
        if (wanted == nullptr) {
            return "unknown key " + brief(key);
        }
        if (!good) {
            return "\"" + key + "\" is not " + wanted + ": " + brief(value);
        }
    }
    return choose_variant(entry);
}

void append(const Entry& entry, std::uint64_t seed, std::vector<FaultScript>& plan) {
    for (std::size_t nic = 0; nic < plan.size(); ++nic) {
        if (entry.nic && *entry.nic != nic) {
            continue;
        }
        for (const Fault fault : entry.kinds) {
            FaultStep step = entry.step;
            step.what = fault;
            step.seed = seed + nic;
            plan[nic].push_back(step);
        }
    }
}

/// The list of steps and the seed. An empty answer is "fine".
std::string open_document(const Json& document, Json& list, std::uint64_t& seed) {
    if (document.is_discarded()) {
        return "not JSON";
    }
    if (document.is_array()) {
        list = document;
        return {};
    }
    if (!document.is_object() || !document.contains("faults") || !document["faults"].is_array()) {
        return "neither a list of steps nor an object with a list \"faults\"";
    }
    for (const auto& [key, value] : document.items()) {
        if (key != "faults" && key != "seed") {
            return "unknown key " + brief(key);
        }
    }
    if (document.contains("seed") && !read_count(document["seed"], seed)) {
        return "\"seed\" is not a count: " + brief(document["seed"]);
    }
    list = document["faults"];
    return {};
}

}  // namespace

std::optional<std::vector<FaultScript>> parse_fault_plan(std::string_view text, std::size_t nics,
                                                         std::string& why) {
    Json list;
    std::uint64_t seed = 1;
    if (auto error = open_document(Json::parse(text, nullptr, false), list, seed); !error.empty()) {
        why = "fault script: " + error;
        return std::nullopt;
    }
    std::vector<FaultScript> plan(nics);
    std::size_t number = 0;
    for (const Json& object : list) {
        Entry entry;
        ++number;
        if (auto error = read_entry(object, nics, entry); !error.empty()) {
            why = "fault script: step " + std::to_string(number) + ": " + error;
            return std::nullopt;
        }
        append(entry, seed, plan);
    }
    return plan;
}

std::optional<FaultScript> parse_fault_script(std::string_view text, std::string& why) {
    auto plan = parse_fault_plan(text, 1, why);
    return plan ? std::optional(std::move(plan->front())) : std::nullopt;
}

}  // namespace vmbus::host
