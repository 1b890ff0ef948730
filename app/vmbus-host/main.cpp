// vmbus-host: the emulated Hyper-V host as a program. Exit statuses: docs/emulator.md.
#include <fmt/core.h>

#include <cstring>

#include "command_line.hpp"
#include "report.hpp"

namespace {

using namespace vmbus::host;

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kProtocolBroken = 3;
constexpr int kReplayStuck = 4;

int exit_status(const Machine& machine, const CommandLine& line, const RunResult& result) {
    if (line.machine.strict && machine.violations() > 0) {
        return kProtocolBroken;
    }
    switch (result.end) {
        case RunEnd::kReplayDone: return 0;
        case RunEnd::kReplayStuck: return kReplayStuck;
        case RunEnd::kProtocolViolation: return kProtocolBroken;
        case RunEnd::kGuestEnded: break;
    }
    return result.guest_status;
}

}  // namespace

int main(int argc, char** argv) {
    int status = 0;
    const auto line = parse_command_line(argc, argv, status);
    if (!line) {
        return status;
    }
    std::string why;
    const auto machine = Machine::create(line->machine, why);
    if (machine == nullptr) {
        fmt::print(stderr, "vmbus-host: {}\n", why);
        return kUsage;
    }
    LiveReport live;
    auto result = machine->run([&live](const Machine& running) { live.print(running); });
    if (!result) {
        fmt::print(stderr, "vmbus-host: starting {}: {}\n", line->machine.command.front(),
                   std::strerror(result.error()));
        return kFailed;
    }
    print_end(*machine, result.value());
    if (!line->stats_json.empty() && !write_stats(*machine, line->stats_json)) {
        fmt::print(stderr, "vmbus-host: {}: cannot be written\n", line->stats_json);
        return kFailed;
    }
    return exit_status(*machine, *line, result.value());
}
