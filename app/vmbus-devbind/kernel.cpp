#include "kernel.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <thread>

#include "base/unique_fd.hpp"

namespace vmbus::devbind {
namespace {

volatile std::sig_atomic_t stop_signal = 0;

void remember(int number) {
    stop_signal = number;
}

/// The loader's own words go where ours go.
int run_modprobe(std::string module) {
    std::string program = "modprobe";
    char* arguments[] = {program.data(), module.data(), nullptr};
    pid_t child = 0;
    int status = 0;
    if (const int error =
            ::posix_spawnp(&child, program.c_str(), nullptr, nullptr, arguments, environ);
        error != 0) {
        return error;
    }
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : ENOENT;
}

}  // namespace

LiveKernel::LiveKernel(const Tree& tree) : tree_(tree) {
    struct sigaction action {};
    action.sa_handler = remember;
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        ::sigaction(number, &action, nullptr);
    }
}

int LiveKernel::write(const std::string& name, std::string_view text) {
    const base::UniqueFd file(::open(tree_.path(name).c_str(), O_WRONLY | O_CLOEXEC));
    if (!file) {
        return errno;
    }
    return ::write(file.get(), text.data(), text.size()) < 0 ? errno : 0;
}

int LiveKernel::load_module(const std::string& name) {
    return tree_.is_this_machine() ? run_modprobe(name) : ENOENT;
}

std::chrono::milliseconds LiveKernel::now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
}

void LiveKernel::pause() {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

bool LiveKernel::stop_wanted() {
    return stop_signal != 0;
}

}  // namespace vmbus::devbind
