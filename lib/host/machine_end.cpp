// Machine: how a run ends that does not end with its guest, as a replay does.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "host/machine.hpp"

namespace vmbus::host {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// How long a guest may take to end when asked, before it is killed.
constexpr auto kPatience = 10s;
/// The same for one to which nothing more is said.
constexpr auto kPatienceWithTheLost = 1s;

/// Nothing when there is no such process any more.
std::chrono::nanoseconds time_that_ran(pid_t process) noexcept {
    clockid_t clock{};
    timespec ran{};
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &ran) != 0) {
        return {};
    }
    return std::chrono::seconds(ran.tv_sec) + std::chrono::nanoseconds(ran.tv_nsec);
}

}  // namespace

/// Of the processes that have NICs open, the one that ran least.
std::chrono::nanoseconds Machine::guests_ran() const noexcept {
    auto least = std::chrono::nanoseconds::max();
    for (const auto& nic : nics_) {
        for (const pid_t opener : nic->openers()) {
            least = std::min(least, time_that_ran(opener));
        }
    }
    return least == std::chrono::nanoseconds::max() ? std::chrono::nanoseconds{} : least;
}

/// A replay ends by itself, but testpmd ends with its input: where there is none, one that stays
/// open takes its place.
void Machine::hold_input_open() noexcept {
    struct stat input {};
    const bool none = ::fstat(STDIN_FILENO, &input) != 0 ||
                      (S_ISCHR(input.st_mode) && input.st_rdev == ::makedev(1, 3));  // /dev/null
    int ends[2];
    if (!none || !(ports_.replay.active() || plays()) || ::pipe2(ends, O_CLOEXEC) != 0) {
        return;
    }
    guest_input_.reset(ends[1]);
    if (ends[0] != STDIN_FILENO) {
        ::dup2(ends[0], STDIN_FILENO);
        ::close(ends[0]);
    } else {
        ::fcntl(STDIN_FILENO, F_SETFD, 0);
    }
}

std::optional<RunEnd> Machine::wants_to_end() noexcept {
    if (options_.strict && violations() > 0) {
        return RunEnd::kProtocolViolation;
    }
    return plays() ? playback_end() : replay_end();
}

std::optional<RunEnd> Machine::replay_end() const noexcept {
    if (!ports_.replay.active()) {
        return std::nullopt;
    }
    if (ports_.replay.done()) {
        return RunEnd::kReplayDone;
    }
    if (Clock::now() - ports_.replay.last_progress() > options_.replay_deadline) {
        return RunEnd::kReplayStuck;
    }
    return std::nullopt;
}

std::optional<RunEnd> Machine::playback_end() noexcept {
    const auto lost = [](const auto& playback) { return playback->lost(); };
    const auto at_goodbye = [](const auto& playback) { return playback->at_goodbye(); };
    if (std::any_of(playbacks_.begin(), playbacks_.end(), lost)) {
        return RunEnd::kReplayLost;
    }
    if (std::all_of(playbacks_.begin(), playbacks_.end(), at_goodbye) &&
        pace_.sent() >= options_.recording->guest_frames) {
        return RunEnd::kReplayDone;
    }
    if (Clock::now() - pace_.last_moved() > options_.replay_deadline) {
        return RunEnd::kReplayStuck;
    }
    return std::nullopt;
}

/// Asks the guest to end, and goes on serving it: a driver that says good-bye is answered.
RunResult Machine::end_guest(RunEnd end) {
    if (!guest_) {
        return {end, 0};
    }
    ::kill(guest_->pid(), SIGINT);
    const auto deadline =
        Clock::now() + (end == RunEnd::kReplayLost ? kPatienceWithTheLost : kPatience);
    while (!guest_status_) {
        if (!turn()) {
            arm_all();
            wait_for_events(kNap);
        } else {
            serve_events();
        }
        if (Clock::now() > deadline) {
            ::kill(guest_->pid(), SIGKILL);
        }
    }
    return {end, *guest_status_};
}

}  // namespace vmbus::host
