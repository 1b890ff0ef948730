// A table of what a host does wrong becomes one run of testpmd, made when the first test asks for
// it; a test for each row looks at what it left. Most of a run's time is testpmd's start.
// Rows have a name and the step of a fault script; what a run leaves is a HostileRun and more.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "support/testpmd_session.hpp"

namespace vmbus::test {

/// Of every run; its constructor plays it.
struct HostileRun {
    bool forwards = false;
    std::optional<int> status{};  ///< of testpmd
    std::string output{};
    nlohmann::json host{};  ///< what the host counted

protected:
    void end(TestpmdSession& run) {
        status = run.quit();
        output = run.output();
        host = run.host_stats();
    }
};

/// The only run of its type.
template <class Run>
const Run& the_run() {
    static const Run run;
    return run;
}

template <class Row, class Run>
class LooksAtRun : public ::testing::TestWithParam<Row> {
protected:
    const Run& run_ = the_run<Run>();
};

/// A fault script in which each NIC has a step of its own, that of the row, with `more` to it.
template <class Row, std::size_t kRows>
std::string one_step_for_each_nic(const Row (&rows)[kRows], const std::string& more = "") {
    std::string text = "[";
    for (std::size_t nic = 0; nic < kRows; ++nic) {
        text += (nic == 0 ? "{" : ",{") + std::string(rows[nic].step) + more + R"(, "nic": )" +
                std::to_string(nic) + "}";
    }
    return text + "]";
}

/// The NIC of a row. Requires: it is one of the rows.
template <class Row, std::size_t kRows>
std::size_t nic_of(const Row (&rows)[kRows], const Row& row) {
    std::size_t nic = 0;
    while (std::string(rows[nic].name) != row.name) {
        ++nic;
    }
    return nic;
}

}  // namespace vmbus::test
