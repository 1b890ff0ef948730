// A program under test: started with its output in a file, its input in our hands, in a process
// group of its own that is killed when the object goes, so that no test leaves anything running.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"

namespace vmbus::test {

class Child {
public:
    explicit Child(const std::vector<std::string>& command);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child();

    pid_t pid() const { return pid_; }

    /// The exit status, or 128 + signal as a shell has it; nothing when it still runs by then.
    std::optional<int> wait(std::chrono::seconds limit);
    bool running();

    /// Whether `text` has been printed, waiting for it up to `limit` while the program runs.
    bool prints(const std::string& text, std::chrono::seconds limit);
    /// Everything printed so far, both streams.
    std::string output() const;

    /// A line to its standard input.
    void type(const std::string& line);
    void close_input();
    void signal(int number) const;

private:
    void reap(bool block);

    pid_t pid_ = -1;
    std::optional<int> status_;
    base::UniqueFd input_;
    base::UniqueFd output_;
};

/// Process ids of `pid`'s children whose command line starts with a program of that name.
std::vector<pid_t> children_named(pid_t pid, const std::string& program);

/// A new folder that is removed with all it holds when the object goes.
class TemporaryFolder {
public:
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();

    std::string path(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

}  // namespace vmbus::test
