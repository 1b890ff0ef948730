// Answers the writes of a real vmbus-devbind (through played_writes.cpp) with a PlayedSysfs, in
// real time, on a thread of its own. A write can be held, so that a test can do something to the
// program while the kernel has it: kill it, for example.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "base/unique_fd.hpp"
#include "support/played_sysfs.hpp"

namespace vmbus::test {

class PlayedKernelServer {
public:
    explicit PlayedKernelServer(PlayedSysfs& sysfs);
    PlayedKernelServer(const PlayedKernelServer&) = delete;
    PlayedKernelServer& operator=(const PlayedKernelServer&) = delete;
    ~PlayedKernelServer();

    /// What the program is started with: "env", its variables.
    std::vector<std::string> environment() const;

    /// The `number`th write from now on (1: the next) waits for go_on(), before it does anything.
    void hold(int number);
    bool is_held(std::chrono::seconds limit);
    /// Returns when the held write is done: a program that was killed in it is alive until then,
    /// and whatever runs next finds it done.
    void go_on();

    /// Calls `what` while no write is being done.
    template <class What>
    auto with(What what) {
        const std::lock_guard lock(mutex_);
        return what(sysfs_);
    }

private:
    void serve();
    void answer(int connection);
    void wait_if_held();

    PlayedSysfs& sysfs_;
    base::UniqueFd socket_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::mutex mutex_;
    std::condition_variable changed_;
    int writes_until_hold_ = 0;
    bool held_ = false;
    bool in_held_write_ = false;  ///< from the hold to the write's end
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace vmbus::test
