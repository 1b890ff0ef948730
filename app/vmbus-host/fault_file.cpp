#include "fault_file.hpp"

#include <fmt/core.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "host/fault_script.hpp"

namespace vmbus::host {

bool parse_faults(const std::string& text, std::size_t nics, std::vector<FaultScript>& scripts,
                  std::string& why) {
    auto plan = parse_fault_plan(text, nics, why);
    if (plan) {
        scripts = std::move(*plan);
    }
    return plan.has_value();
}

bool read_fault_file(const std::string& file, MachineOptions& options, std::string& why) {
    std::ifstream stream(file);
    if (!stream) {
        why = fmt::format("--fault {}: {}", file, std::strerror(errno));
        return false;
    }
    const std::string text(std::istreambuf_iterator<char>(stream), {});
    if (!parse_faults(text, options.nics.size(), options.faults, why)) {
        why = fmt::format("--fault {}: {}", file, why);
        return false;
    }
    return true;
}

}  // namespace vmbus::host
