#include "support/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/comes_true.hpp"

namespace vmbus::test {
namespace {

std::vector<char*> arguments(const std::vector<std::string>& command) {
    std::vector<char*> argv;
    for (const auto& word : command) {
        argv.push_back(const_cast<char*>(word.c_str()));
    }
    argv.push_back(nullptr);
    return argv;
}

std::string program_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline");
    std::string first;
    std::getline(file, first, '\0');
    return std::filesystem::path(first).filename();
}

}  // namespace

Child::Child(const std::vector<std::string>& command) {
    int pipe_ends[2];
    if (::pipe2(pipe_ends, O_CLOEXEC) != 0) {
        throw std::runtime_error("pipe2");
    }
    output_.reset(::memfd_create("child-output", MFD_CLOEXEC));
    ::signal(SIGPIPE, SIG_IGN);  // typing to a program that is gone is an error, not our end
    auto argv = arguments(command);
    pid_ = ::fork();
    if (pid_ == 0) {
        ::setpgid(0, 0);
        ::signal(SIGPIPE, SIG_DFL);
        ::signal(SIGINT, SIG_DFL);  // which what a shell starts in the background ignores
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        ::dup2(pipe_ends[0], STDIN_FILENO);
        ::dup2(output_.get(), STDOUT_FILENO);
        ::dup2(output_.get(), STDERR_FILENO);
        ::execvp(argv[0], argv.data());
        ::_exit(127);
    }
    ::close(pipe_ends[0]);
    input_.reset(pipe_ends[1]);
}

Child::~Child() {
    // Its own children may outlive it in the group, so the group is killed in any case.
    ::kill(-pid_, SIGKILL);
    reap(true);
    comes_true([this] { return ::kill(-pid_, 0) != 0; });
}

void Child::reap(bool block) {
    int status = 0;
    if (status_ || ::waitpid(pid_, &status, block ? 0 : WNOHANG) != pid_) {
        return;
    }
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::optional<int> Child::wait(std::chrono::seconds limit) {
    comes_true([this] { return !running(); }, limit);
    return status_;
}

bool Child::running() {
    reap(false);
    return !status_;
}

bool Child::prints(const std::string& text, std::chrono::seconds limit) {
    const auto printed = [&] { return output().find(text) != std::string::npos; };
    comes_true([&] { return printed() || !running(); }, limit);
    return printed();
}

std::string Child::output() const {
    struct stat file {};
    ::fstat(output_.get(), &file);
    std::string text(static_cast<std::size_t>(file.st_size), '\0');
    const auto read = ::pread(output_.get(), text.data(), text.size(), 0);
    text.resize(read > 0 ? static_cast<std::size_t>(read) : 0);
    return text;
}

void Child::type(const std::string& line) {
    const std::string text = line + "\n";
    if (::write(input_.get(), text.data(), text.size()) < 0) {
        throw std::runtime_error("the program does not read its input");
    }
}

void Child::close_input() {
    input_.reset();
}

void Child::signal(int number) const {
    ::kill(pid_, number);
}

std::vector<pid_t> children_named(pid_t pid, const std::string& program) {
    std::vector<pid_t> found;
    std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) +
                       "/children");
    for (pid_t child = 0; file >> child;) {
        if (program_of(child) == program) {
            found.push_back(child);
        }
    }
    return found;
}

TemporaryFolder::TemporaryFolder() {
    std::string name = std::filesystem::temp_directory_path() / "vmbus-test-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("mkdtemp");
    }
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace vmbus::test
