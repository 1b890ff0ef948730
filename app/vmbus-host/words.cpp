#include "words.hpp"

#include <fmt/core.h>

#include <string_view>

#include "host/fault.hpp"
#include "host/violation_rules.hpp"

namespace vmbus::host {
namespace {

/// Strings of several tests are separated by newlines.
struct CheckedRule {
    std::string_view section;
    std::string_view name;
    std::string_view intent;
    std::string_view tests;
    std::string_view reason;
};

constexpr CheckedRule kCheckedRules[] = {
#include "conformance_table.inc"
};

void explain(const ViolationRule& rule) {
    fmt::print("{}\n  rule      {}\n", rule.name, rule.rule);
    for (const Temper temper : {Temper::kStrict, Temper::kTolerant, Temper::kOpenvmm}) {
        fmt::print("  {:<9} {}\n", to_string(temper), to_string(reaction_of(rule, temper)));
    }
    fmt::print("  source    {}\n", rule.source);
}

void explain(const FaultKind& kind) {
    fmt::print("{}\n  fault     the host {}\n  counts    each {}\n", kind.name, kind.does,
               to_string(kind.occasion));
    for (const char* variant : kind.variants) {
        if (variant != nullptr) {
            fmt::print("  how       {}\n", variant);
        }
    }
    fmt::print("  guest     {}\n", kind.harmless ? "one that keeps the contract loses nothing"
                                                 : "may lose something, and has to notice");
}

void explain_all() {
    fmt::print("violations: what a guest must do\n");
    for (std::size_t i = 0; i < kViolations; ++i) {
        const auto& rule = rule_of(static_cast<Violation>(i));
        fmt::print("  {:<28} {}\n", rule.name, rule.rule);
    }
    fmt::print("faults: what the host does when a script says so\n");
    for (std::size_t i = 0; i < kFaults; ++i) {
        const auto& kind = kind_of(static_cast<Fault>(i));
        fmt::print("  {:<28} {}\n", kind.name, kind.does);
    }
}

void print_lines(std::string_view lines) {
    while (!lines.empty()) {
        const auto end = lines.find('\n');
        fmt::print("      {}\n", lines.substr(0, end));
        lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    }
}

}  // namespace

bool explain(const std::string& name) {
    if (name.empty()) {
        explain_all();
        return true;
    }
    const auto violation = violation_named(name);
    const auto fault = fault_named(name);
    if (violation) {
        explain(rule_of(*violation));
    } else if (fault) {
        explain(kind_of(*fault));
    }
    return violation || fault;
}

void print_conformance() {
    std::string_view section;
    std::size_t tested = 0;
    for (const CheckedRule& rule : kCheckedRules) {
        if (rule.section != section) {
            section = rule.section;
            fmt::print("{}\n", section);
        }
        fmt::print("  {}: {}\n", rule.name, rule.intent);
        print_lines(rule.tests);
        if (rule.tests.empty()) {
            fmt::print("      not tested: {}\n", rule.reason);
        }
        tested += rule.tests.empty() ? 0 : 1;
    }
    fmt::print("{} rules, {} with a test, {} with a reason\n", std::size(kCheckedRules), tested,
               std::size(kCheckedRules) - tested);
}

}  // namespace vmbus::host
