#include "fault_file.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

namespace vmbus::host {
namespace {

using Json = nlohmann::json;

/// Moves each step to the script of the NIC that it names (0 if it names none).
bool sort_by_nic(const Json& faults, std::vector<Json>& scripts, std::string& why) {
    for (Json step : faults) {
        std::size_t nic = 0;
        if (step.is_object() && step.contains("nic")) {
            if (!step["nic"].is_number_unsigned() || step["nic"] >= scripts.size()) {
                why = fmt::format("\"nic\" must be a number below {}", scripts.size());
                return false;
            }
            nic = step["nic"];
            step.erase("nic");
        }
        scripts[nic].push_back(std::move(step));
    }
    return true;
}

bool parse(const Json& root, std::size_t nics, std::vector<FaultScript>& result, std::string& why) {
    if (!root.is_object() || !root.contains("faults") || !root["faults"].is_array()) {
        why = "not a JSON object with an array \"faults\"";
        return false;
    }
    std::vector<Json> scripts(nics, Json::array());
    if (!sort_by_nic(root["faults"], scripts, why)) {
        return false;
    }
    for (const Json& script : scripts) {
        const auto parsed = parse_fault_script(script.dump(), why);
        if (!parsed) {
            return false;
        }
        result.push_back(*parsed);
    }
    return true;
}

}  // namespace

bool parse_faults(const std::string& text, std::size_t nics, std::vector<FaultScript>& scripts,
                  std::string& why) {
    return parse(Json::parse(text, nullptr, false), nics, scripts, why);
}

bool read_fault_file(const std::string& file, MachineOptions& options, std::string& why) {
    std::ifstream stream(file);
    if (!stream) {
        why = fmt::format("--fault {}: {}", file, std::strerror(errno));
        return false;
    }
    if (!parse(Json::parse(stream, nullptr, false), options.nics.size(), options.faults, why)) {
        why = fmt::format("--fault {}: {}", file, why);
        return false;
    }
    return true;
}

}  // namespace vmbus::host
