// vmbus-host: the emulated Hyper-V host as a program. Exit statuses: docs/emulator.md.
#include <fmt/core.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "command_line.hpp"
#include "control.hpp"
#include "report.hpp"

namespace {

using namespace vmbus::host;

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kProtocolBroken = 3;
constexpr int kReplayFailed = 4;

/// The guest did all that the recorded one did, and nothing else; or nothing was recorded.
bool is_as_recorded(const Machine& machine) {
    const auto playbacks = machine.playbacks();
    return std::all_of(playbacks.begin(), playbacks.end(), [](const auto& playback) {
        return playback->differences().empty() && playback->waits_for().empty();
    });
}

int exit_status(const Machine& machine, const CommandLine& line, const RunResult& result) {
    if (line.machine.strict && machine.violations() > 0) {
        return kProtocolBroken;
    }
    switch (result.end) {
        case RunEnd::kReplayDone: return is_as_recorded(machine) ? 0 : kReplayFailed;
        case RunEnd::kReplayStuck:
        case RunEnd::kReplayLost: return kReplayFailed;
        case RunEnd::kProtocolViolation: return kProtocolBroken;
        case RunEnd::kStopped: return 0;
        case RunEnd::kGuestEnded: break;
    }
    return result.guest_status == 0 && !is_as_recorded(machine) ? kReplayFailed
                                                                : result.guest_status;
}

/// SIGINT and SIGTERM end a host that serves.
class StopSignals final : public Service {
public:
    explicit StopSignals(Machine& machine) : machine_(machine) {
        sigset_t signals;
        sigemptyset(&signals);
        sigaddset(&signals, SIGINT);
        sigaddset(&signals, SIGTERM);
        sigprocmask(SIG_BLOCK, &signals, nullptr);
        file_.reset(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    }
    int poll_fd() const noexcept override { return file_.get(); }
    void service() noexcept override {
        signalfd_siginfo info{};
        while (read(file_.get(), &info, sizeof(info)) == sizeof(info)) {
            machine_.request_stop();
        }
    }

private:
    Machine& machine_;
    vmbus::base::UniqueFd file_;
};

/// The control socket, if one is wanted. False: said why.
bool open_control(const CommandLine& line, Machine& machine, ControlHandler& handler,
                  std::unique_ptr<ControlServer>& server) {
    if (line.socket.empty()) {
        return true;
    }
    auto created = ControlServer::create(line.socket, handler);
    const int error = created ? machine.add_service(*created.value()) : created.error();
    if (error != 0) {
        fmt::print(stderr, "vmbus-host: --socket {}: {}\n", line.socket, std::strerror(error));
        return false;
    }
    server = std::move(created).value();
    if (line.serve) {
        fmt::print(stderr, "vmbus-host: serving at {}\n", line.socket);
    }
    return true;
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
    print_unbound(*machine, *line->machine.kernel);
    Control control(*machine);
    std::unique_ptr<ControlServer> server;
    if (!open_control(*line, *machine, control, server)) {
        return kUsage;
    }
    std::optional<StopSignals> stop;
    if (line->serve) {
        machine->add_service(stop.emplace(*machine));
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
