#include "support/testpmd_session.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "support/comes_true.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

/// Interactive, without a report of its own, its output unbuffered although it is a file.
std::vector<std::string> interactive(const std::vector<std::string>& options) {
    std::vector<std::string> all = {"-i"};
    all.insert(all.end(), options.begin(), options.end());
    auto command = testpmd(all);
    const auto period = std::find(command.begin(), command.end(), "--stats-period");
    command.erase(period, period + 2);
    command.insert(command.begin(), {"stdbuf", "-oL"});
    return command;
}

}  // namespace

TestpmdSession::TestpmdSession(const Options& options) {
    HostRun run{.nics = options.nics,
                .guest = interactive(options.testpmd),
                .strict = false,
                .stats = folder_.path("stats.json"),
                .options = options.host};
    if (!options.fault.empty()) {
        const auto script = folder_.path("fault.json");
        std::ofstream(script) << options.fault;
        run.options.insert(run.options.end(), {"--fault", script});
    }
    child_.emplace(run.command());
}

bool TestpmdSession::forwards() {
    return child_->prints("io packet forwarding", 60s);
}

/// The output between the command and an answer that only the next question gets: testpmd does not
/// say when it is done.
std::string TestpmdSession::ask(const std::string& command) {
    const std::size_t before = output().size();
    child_->type(command);
    const auto mark = "no-such-command-" + std::to_string(++questions_);
    child_->type(mark);
    bool done = false;
    comes_true([&] {
        done = output().find("Command not found", before) != std::string::npos;
        return done || !running();
    });
    return done ? output().substr(before) : "";
}

Xstats TestpmdSession::xstats(unsigned port) {
    std::istringstream lines(ask("show port xstats " + std::to_string(port)));
    Xstats stats;
    for (std::string line; std::getline(lines, line);) {
        const auto colon = line.find(": ");
        if (colon != std::string::npos && line.find(' ') == colon + 1) {
            stats[line.substr(0, colon)] = std::strtoull(&line[colon + 2], nullptr, 10);
        }
    }
    return stats;
}

std::string TestpmdSession::link(unsigned port) {
    const auto text = ask("show port info " + std::to_string(port));
    const auto at = text.find("Link status: ");
    return at == std::string::npos ? "" : text.substr(at + 13, text.find('\n', at) - at - 13);
}

std::optional<int> TestpmdSession::quit(std::chrono::seconds limit) {
    if (running()) {
        child_->type("quit");
    }
    return child_->wait(limit);
}

}  // namespace vmbus::test
