// UniqueFd: a file descriptor that closes itself. Owned by one object at a time, any thread.
#pragma once

#include <unistd.h>

#include <utility>

namespace vmbus::base {

class UniqueFd {
public:
    UniqueFd() = default;
    explicit UniqueFd(int fd) noexcept : fd_(fd) {}
    UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
    UniqueFd& operator=(UniqueFd&& other) noexcept {
        reset(other.release());
        return *this;
    }
    UniqueFd(const UniqueFd&) = delete;
    UniqueFd& operator=(const UniqueFd&) = delete;
    ~UniqueFd() { reset(); }

    int get() const noexcept { return fd_; }
    explicit operator bool() const noexcept { return fd_ >= 0; }

    /// Gives the descriptor away without closing it.
    int release() noexcept { return std::exchange(fd_, -1); }

    void reset(int fd = -1) noexcept {
        if (const int old = std::exchange(fd_, fd); old >= 0 && old != fd) {
            ::close(old);
        }
    }

private:
    int fd_ = -1;
};

}  // namespace vmbus::base
