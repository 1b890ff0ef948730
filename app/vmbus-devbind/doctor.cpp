#include "doctor.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "doctor_checks.hpp"
#include "status.hpp"

namespace vmbus::devbind {
namespace {

struct Row {
    std::string_view check;
    std::vector<Finding> (*look)(const Patient&);
};

constexpr std::array kRows = {Row{"bus", check_bus},
                              Row{"module", check_module},
                              Row{"binding", check_binding},
                              Row{"driver_override", check_driver_override},
                              Row{"persistence", check_persistence},
                              Row{"kernel", check_kernel},
                              Row{"hugepages", check_hugepages},
                              Row{"iova", check_iova},
                              Row{"rings", check_rings},
                              Row{"vf", check_vf},
                              Row{"permissions", check_permissions},
                              Row{"plugin", check_plugin}};

std::string_view name_of(Severity severity) {
    return severity == Severity::kError ? "error" : "warning";
}

std::string_view verdict(const std::vector<Finding>& findings) {
    const bool error = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::kError;
    });
    return findings.empty() ? "ok" : name_of(error ? Severity::kError : Severity::kWarning);
}

}  // namespace

std::vector<Examination> examine(const Patient& patient) {
    std::vector<Examination> examinations;
    examinations.reserve(kRows.size());
    for (const Row& row : kRows) {
        examinations.push_back({row.check, row.look(patient)});
    }
    return examinations;
}

bool has_errors(const std::vector<Examination>& examinations) {
    return std::any_of(examinations.begin(), examinations.end(), [](const Examination& each) {
        return verdict(each.findings) == name_of(Severity::kError);
    });
}

std::string doctor_text(const std::vector<Examination>& examinations) {
    std::string text;
    for (const Examination& each : examinations) {
        text += fmt::format("{:<8} {}\n", verdict(each.findings), each.check);
        for (const Finding& finding : each.findings) {
            text += fmt::format("    {}: {}{}\n        {}\n", finding.word, finding.what,
                                finding.device.empty() ? "" : " (" + finding.device + ")",
                                finding.remedy);
        }
    }
    return text;
}

nlohmann::ordered_json doctor_json(const std::vector<Examination>& examinations) {
    using Json = nlohmann::ordered_json;
    Json checks = Json::array();
    for (const Examination& each : examinations) {
        Json findings = Json::array();
        for (const Finding& finding : each.findings) {
            findings.push_back(
                {{"word", finding.word},
                 {"severity", name_of(finding.severity)},
                 {"what", finding.what},
                 {"remedy", finding.remedy},
                 {"device", finding.device.empty() ? Json(nullptr) : Json(finding.device)},
                 {"source", finding.source.empty() ? Json(nullptr) : Json(finding.source)}});
        }
        checks.push_back(
            {{"check", each.check}, {"verdict", verdict(each.findings)}, {"findings", findings}});
    }
    return {{"schema", kJsonSchema}, {"checks", checks}};
}

}  // namespace vmbus::devbind
