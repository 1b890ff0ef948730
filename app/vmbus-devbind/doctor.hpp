// Looks for everything that is known to keep DPDK from a VMBus NIC, and says for each what is wrong
// and which command mends it. docs/devbind.md has all findings.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nic.hpp"
#include "plugin.hpp"
#include "safety.hpp"

namespace vmbus::devbind {

enum class Severity { kWarning, kError };

struct Finding {
    Severity severity = Severity::kError;
    std::string word;  // stable: scripts read it
    std::string what;
    std::string remedy;
    std::string device{};  // UUID, where it is about one NIC
    std::string source{};
};

/// What the checks look at.
struct Patient {
    const Tree& tree;
    std::vector<Nic> nics;
    Surroundings around;
    std::optional<Plugin> plugin;
    long page_size = 4096;
};

/// One row: its name, and what it found.
struct Examination {
    std::string_view check;
    std::vector<Finding> findings;
};
std::vector<Examination> examine(const Patient& patient);

bool has_errors(const std::vector<Examination>& examinations);
std::string doctor_text(const std::vector<Examination>& examinations);
nlohmann::ordered_json doctor_json(const std::vector<Examination>& examinations);

}  // namespace vmbus::devbind
