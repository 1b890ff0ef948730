// A stock testpmd on the emulated host, told by its prompt what to do and asked for its counters.
// What ASan would say of our driver, or a crash, is an exit status other than 0.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/host_run.hpp"

namespace vmbus::test {

/// "rx_q0_length_errors" -> 3, of one port.
using Xstats = std::map<std::string, std::uint64_t>;

class TestpmdSession {
public:
    struct Options {
        std::vector<std::string> nics;
        std::string fault;                   ///< the script, as text
        std::vector<std::string> testpmd{};  ///< further options
        std::vector<std::string> host{};
    };
    explicit TestpmdSession(const Options& options);

    /// Forwarding has begun. False when it did not within the deadline.
    bool forwards();
    bool prints(const std::string& text, std::chrono::seconds limit) {
        return child_->prints(text, limit);
    }
    bool running() { return child_->running(); }
    void type(const std::string& line) { child_->type(line); }
    std::string output() const { return child_->output(); }

    /// All counters of the port, now. Empty when testpmd does not answer.
    Xstats xstats(unsigned port);
    /// Asks until `enough` of the counters of that port, at most `limit`.
    template <class Enough>
    Xstats xstats_until(unsigned port, std::chrono::seconds limit, Enough&& enough) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        Xstats stats = xstats(port);
        while (running() && !enough(stats) && std::chrono::steady_clock::now() < deadline) {
            stats = xstats(port);
        }
        return stats;
    }
    /// "up", "down", or nothing when there is no such port.
    std::string link(unsigned port);

    /// Its exit status; nothing when it hangs.
    std::optional<int> quit(std::chrono::seconds limit = std::chrono::seconds(40));
    /// What the host counted; after quit().
    nlohmann::json host_stats() const { return read_json(folder_.path("stats.json")); }

private:
    std::string ask(const std::string& command);

    TemporaryFolder folder_;
    std::optional<Child> child_;
    unsigned questions_ = 0;
};

}  // namespace vmbus::test
