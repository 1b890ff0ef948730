#include "host/process.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

namespace {

using namespace vmbus;
using host::Guardian;
using host::GuestProcess;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Polls, because the guardian tells nobody.
bool comes_true(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(5ms);
    }
    return condition();
}

class ProcessTest : public testing::Test {
protected:
    ProcessTest() { std::ofstream(fs::path(folder_) / "file") << "text"; }
    ~ProcessTest() override { fs::remove_all(folder_); }

    static std::string make_folder() {
        std::string path = "/dev/shm/vmbus-test-XXXXXX";
        return mkdtemp(path.data());
    }

    GuestProcess start(std::vector<std::string> command, const Guardian& guardian) const {
        const char* const library = std::getenv("VMBUS_FACE_LIBRARY");
        EXPECT_NE(library, nullptr) << "run by meson, which sets it";
        return GuestProcess::start({std::move(command), folder_, library != nullptr ? library : ""},
                                   guardian)
            .value();
    }

    static int wait(GuestProcess& guest) {
        std::optional<int> status;
        while (!status) {
            pollfd state{.fd = guest.poll_fd(), .events = POLLIN, .revents = 0};
            poll(&state, 1, 1000);
            status = guest.service();
        }
        return *status;
    }

    int run(std::vector<std::string> command) const {
        const Guardian guardian = Guardian::start(folder_).value();
        GuestProcess guest = start(std::move(command), guardian);
        return wait(guest);
    }

    const std::string folder_ = make_folder();
};

TEST_F(ProcessTest, StatusIsTheGuests) {
    EXPECT_EQ(run({"sh", "-c", "exit 7"}), 7);
    EXPECT_EQ(run({"true"}), 0);
}

TEST_F(ProcessTest, StatusOfAKilledGuestIsTheShells) {
    EXPECT_EQ(run({"sh", "-c", "kill -9 $$"}), 128 + SIGKILL);
}

TEST_F(ProcessTest, CommandThatCannotRunGivesTheShellsStatus) {
    EXPECT_EQ(run({"/nonexistent/program"}), 127);
    EXPECT_EQ(run({"/dev/null"}), 126);
}

TEST_F(ProcessTest, GuestSeesRootAndLibraryBeforeWhatWasPreloaded) {
    EXPECT_EQ(run({"sh", "-c", "test \"$VMBUS_FACE_ROOT\" = " + folder_}), 0);
    EXPECT_EQ(run({"sh", "-c", "case $LD_PRELOAD in \"$VMBUS_FACE_LIBRARY\"*) ;; *) exit 1; esac"}),
              0);
}

TEST_F(ProcessTest, SignalSentToTheHostReachesTheGuest) {
    const Guardian guardian = Guardian::start(folder_).value();
    GuestProcess guest = start(
        {"sh", "-c", "trap 'exit 9' TERM; touch " + folder_ + "/up; while :; do sleep 0.01; done"},
        guardian);
    ASSERT_TRUE(comes_true([this] { return fs::exists(folder_ + "/up"); }));
    kill(getpid(), SIGTERM);
    EXPECT_EQ(wait(guest), 9);
}

TEST_F(ProcessTest, FinishRemovesTheFolderAtOnce) {
    Guardian guardian = Guardian::start(folder_).value();
    guardian.finish();
    EXPECT_FALSE(fs::exists(folder_));
}

TEST_F(ProcessTest, GuardianRemovesTheFolderOfAHostThatForgot) {
    { const Guardian guardian = Guardian::start(folder_).value(); }
    EXPECT_TRUE(comes_true([this] { return !fs::exists(folder_); }));
}

/// A host in a process of its own, whose guest runs until `lifeline` is closed.
class DoomedHost {
public:
    explicit DoomedHost(const std::function<GuestProcess(const Guardian&)>& start_guest,
                        const std::string& folder) {
        std::array<int, 2> ends{};
        EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
        host_ = fork();
        if (host_ == 0) {
            dup2(ends[0], STDIN_FILENO);
            close(ends[1]);
            const Guardian guardian = Guardian::start(folder).value();
            const GuestProcess guest = start_guest(guardian);
            std::ofstream(folder + "/pid") << guest.pid() << '\n';
            pause();
        }
        close(ends[0]);
        lifeline_.reset(ends[1]);
        comes_true([&] { return fs::exists(folder + "/pid"); });
    }
    ~DoomedHost() { waitpid(host_, nullptr, 0); }

    void kill() const { ::kill(host_, SIGKILL); }

    base::UniqueFd lifeline_;

private:
    pid_t host_ = 0;
};

TEST_F(ProcessTest, FolderOutlivesAKilledHostUntilTheGuestEnds) {
    DoomedHost host([this](const Guardian& guardian) { return start({"cat"}, guardian); }, folder_);
    host.kill();
    std::this_thread::sleep_for(100ms);
    EXPECT_TRUE(fs::exists(folder_));
    host.lifeline_.reset();
    EXPECT_TRUE(comes_true([this] { return !fs::exists(folder_); }));
}

TEST_F(ProcessTest, FolderOutlivesTheGuestUntilTheHostIsKilled) {
    DoomedHost host([this](const Guardian& guardian) { return start({"cat"}, guardian); }, folder_);
    host.lifeline_.reset();
    std::this_thread::sleep_for(100ms);
    EXPECT_TRUE(fs::exists(folder_));
    host.kill();
    EXPECT_TRUE(comes_true([this] { return !fs::exists(folder_); }));
}

}  // namespace
