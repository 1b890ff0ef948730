#include "host/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <tuple>

#include "host/face/protocol.hpp"
#include "host/face_folder.h"

namespace vmbus::host {
namespace {

namespace fs = std::filesystem;

void remove_folder(const std::string& folder) noexcept {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
}

/// The C library's pidfd_open() has no C linkage in the headers of glibc 2.36.
int open_process(pid_t pid) noexcept {
    return static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
}

// ---- guardian ----

void wait_for_exit(int pidfd) noexcept {
    pollfd state{.fd = pidfd, .events = POLLIN, .revents = 0};
    while (poll(&state, 1, -1) < 0 && errno == EINTR) {
    }
}

/// Nothing of the host's may stay open here but the socket: a pipe held on to would keep its reader
/// waiting.
int keep_only(int socket) noexcept {
    constexpr int kPlace = 3;
    const int kept = fcntl(socket, F_DUPFD, kPlace);  // clear of the standard three
    const int null = open("/dev/null", O_RDWR);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        dup2(null, standard);
    }
    dup2(kept, kPlace);
    close_range(kPlace + 1, ~0U, 0);
    return kPlace;
}

/// Which process reports itself: the kernel's word, as a guest in a PID namespace of its own knows
/// another number. Nothing at the end.
std::optional<pid_t> next_report(int socket) noexcept {
    std::byte report{};
    iovec bytes{&report, sizeof(report)};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> ancillary{};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = ancillary.data();
    message.msg_controllen = ancillary.size();
    if (recvmsg(socket, &message, 0) != sizeof(report)) {
        return std::nullopt;
    }
    ucred sender{};
    const cmsghdr* const header = CMSG_FIRSTHDR(&message);
    if (header != nullptr && header->cmsg_type == SCM_CREDENTIALS) {
        std::memcpy(&sender, CMSG_DATA(header), sizeof(sender));
    }
    return sender.pid;
}

[[noreturn]] void guard(const std::string& folder, int socket) noexcept {
    prctl(PR_SET_NAME, "vmbus-guardian");
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        ::signal(signal, SIG_IGN);
    }
    std::ignore = chdir("/");
    const int reports = keep_only(socket);
    std::vector<base::UniqueFd> guests;
    // A guest that starts holds the socket until it has reported, so the end means: all are known,
    // the host is gone.
    while (const auto guest = next_report(reports)) {
        guests.emplace_back(open_process(*guest));
    }
    for (const base::UniqueFd& each : guests) {
        if (each) {
            wait_for_exit(each.get());
        }
    }
    remove_folder(folder);
    _exit(0);
}

/// Two forks: init becomes the guardian's parent, and nobody waits for it.
int fork_guardian(const std::string& folder, int socket) noexcept {
    const pid_t child = fork();
    if (child == 0) {
        setsid();
        const pid_t grandchild = fork();
        if (grandchild == 0) {
            guard(folder, socket);
        }
        _exit(grandchild > 0 ? 0 : 1);
    }
    int status = 0;
    const bool started = child > 0 && waitpid(child, &status, 0) == child && status == 0;
    return started ? 0 : EAGAIN;
}

// ---- guest ----

constexpr std::array kForwarded{SIGINT, SIGTERM};

sigset_t forwarded_signals() noexcept {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : kForwarded) {
        sigaddset(&set, signal);
    }
    return set;
}

/// The environment of this process with the two variables in it.
std::vector<std::string> guest_environment(const GuestProcess::Options& options) {
    std::vector<std::string> result;
    std::string preload = "LD_PRELOAD=" + options.library;
    for (char** at = environ; *at != nullptr; ++at) {
        const std::string entry = *at;
        if (entry.starts_with("LD_PRELOAD=")) {
            preload += ":" + entry.substr(std::strlen("LD_PRELOAD="));
        } else if (!entry.starts_with(std::string(face::kRootVariable) + "=")) {
            result.push_back(entry);
        }
    }
    result.insert(result.begin(), options.environment.begin(), options.environment.end());
    result.push_back(preload);
    result.push_back(std::string(face::kRootVariable) + "=" + options.root);
    return result;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
    std::vector<char*> result(strings.size() + 1, nullptr);
    std::transform(strings.begin(), strings.end(), result.begin(),
                   [](std::string& each) { return each.data(); });
    return result;
}

[[noreturn]] void run_guest(char** command, char** environment, const sigset_t& mask,
                            int report) noexcept {
    constexpr std::byte kStarts{};  // who, the kernel adds
    send(report, &kStarts, sizeof(kStarts), MSG_NOSIGNAL);
    sigprocmask(SIG_SETMASK, &mask, nullptr);
    ::signal(SIGPIPE, SIG_DFL);  // a host ignores it; programs count on it
    ::signal(SIGINT, SIG_DFL);   // as one in the background may; it is how guests are made to end
    execvpe(command[0], command, environment);
    const int error = errno;
    std::fprintf(stderr, "vmbus-host: cannot run %s: %s\n", command[0], std::strerror(error));
    _exit(error == ENOENT ? 127 : 126);
}

int watch_fd(int epoll, int fd) noexcept {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}

int exit_status(int wait_status) noexcept {
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

}  // namespace

base::Result<Guardian> Guardian::start(const std::string& folder) noexcept {
    std::array<int, 2> ends{-1, -1};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return base::Result<Guardian>::error(errno);
    }
    base::UniqueFd ours(ends[0]);
    const base::UniqueFd theirs(ends[1]);
    constexpr int kYes = 1;
    if (setsockopt(theirs.get(), SOL_SOCKET, SO_PASSCRED, &kYes, sizeof(kYes)) != 0) {
        return base::Result<Guardian>::error(errno);
    }
    if (const int error = fork_guardian(folder, theirs.get()); error != 0) {
        return base::Result<Guardian>::error(error);
    }
    return Guardian(folder, std::move(ours));
}

void Guardian::finish() noexcept {
    remove_folder(folder_);
    report_.reset();
}

std::string GuestProcess::default_library() noexcept {
    std::error_code error;
    const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
    const fs::path beside = folder / face::kLibraryName;
    if (fs::exists(beside, error)) {
        return beside.string();
    }
    return (folder / VMBUS_FACE_FOLDER / face::kLibraryName).lexically_normal().string();
}

base::Result<GuestProcess> GuestProcess::start(const Options& options, int report_fd) noexcept {
    std::vector<std::string> command = options.command;
    std::vector<std::string> environment = guest_environment(options);
    const std::vector<char*> arguments = pointers(command);
    const std::vector<char*> variables = pointers(environment);
    const sigset_t blocked = forwarded_signals();
    sigset_t before;
    sigprocmask(SIG_BLOCK, &blocked, &before);
    const pid_t pid = fork();
    if (pid == 0) {
        run_guest(const_cast<char**>(arguments.data()), const_cast<char**>(variables.data()),
                  before, report_fd);
    }
    if (pid < 0) {
        return base::Result<GuestProcess>::error(errno);
    }
    GuestProcess process(pid);
    const int error = process.watch();
    return error == 0 ? base::Result<GuestProcess>(std::move(process))
                      : base::Result<GuestProcess>::error(error);
}

int GuestProcess::watch() noexcept {
    const sigset_t blocked = forwarded_signals();
    process_.reset(open_process(pid_));
    signals_.reset(signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK));
    epoll_.reset(epoll_create1(EPOLL_CLOEXEC));
    if (!process_ || !signals_ || !epoll_) {
        return errno;
    }
    const int error = watch_fd(epoll_.get(), process_.get());
    return error != 0 ? error : watch_fd(epoll_.get(), signals_.get());
}

std::optional<int> GuestProcess::service() noexcept {
    forward_signals();
    int status = 0;
    if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) {
        status_ = exit_status(status);
    }
    return status_;
}

void GuestProcess::forward_signals() noexcept {
    signalfd_siginfo info{};
    while (read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
        // The terminal sends to the whole foreground group: the guest has that one already.
        if (info.ssi_code != SI_KERNEL && !status_) {
            kill(pid_, static_cast<int>(info.ssi_signo));
        }
    }
}

}  // namespace vmbus::host
