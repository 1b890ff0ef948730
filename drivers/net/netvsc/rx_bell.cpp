#include "net/netvsc/rx_bell.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace vmbus::netvsc {

int RxBell::open() noexcept {
    file_.reset(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    return file_ ? 0 : -errno;
}

void RxBell::ring() noexcept {
    if (!file_) {
        return;
    }
    // relaxed: a figure for people.
    rings_.store_relaxed(rings_.load_relaxed() + 1);
    constexpr std::uint64_t kOnce = 1;
    // A file that cannot take one more is readable already.
    [[maybe_unused]] const auto written = ::write(file_.get(), &kOnce, sizeof kOnce);
}

void RxBell::drain() noexcept {
    std::uint64_t count = 0;
    // Nothing to read is no failure: nobody rang.
    [[maybe_unused]] const auto length = ::read(file_.get(), &count, sizeof count);
}

}  // namespace vmbus::netvsc
