// Interposed: the life of a descriptor: close and copies. (Symbols by asm label: see
// preload_open.cpp.)

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdarg>

#include "host/face/preload_files.hpp"
#include "host/face/preload_next.hpp"

namespace vmbus::host::face {
namespace {

constinit Next<int(int)> next_dup{"dup"};
constinit Next<int(int, int)> next_dup2{"dup2"};
constinit Next<int(int, int, int)> next_dup3{"dup3"};
constinit Next<int(int, int, ...)> next_fcntl{"fcntl64"};
constinit Next<int(unsigned, unsigned, int)> next_close_range{"close_range"};

int copy_anywhere(int from, int /*to*/, int /*flags*/) {
    return next_dup(from);
}
int copy_over(int from, int to, int /*flags*/) {
    return next_dup2(from, to);
}
int copy_over_with_flags(int from, int to, int flags) {
    return next_dup3(from, to, flags);
}
/// Here `flags` is the lowest number that will do.
int copy_above(int from, int /*to*/, int flags) {
    return next_fcntl(from, F_DUPFD, flags);
}
int copy_above_cloexec(int from, int /*to*/, int flags) {
    return next_fcntl(from, F_DUPFD_CLOEXEC, flags);
}

/// The table ends where descriptors of interest do; the kernel closes the others.
void forget_range(unsigned first, unsigned last) noexcept {
    const unsigned end = last < 65535U ? last : 65535U;
    for (unsigned fd = first; fd <= end; ++fd) {
        const FileKind kind = kind_of(static_cast<int>(fd));
        if (kind == FileKind::kDevice || kind == FileKind::kPagemap) {
            close_tracked(static_cast<int>(fd));
        }
    }
}

/// Closes what lies between our own descriptors.
int close_gaps(unsigned first, unsigned last, int flags) noexcept {
    unsigned begin = first;
    for (unsigned fd = first; fd <= last && fd < 65536U; ++fd) {
        if (kind_of(static_cast<int>(fd)) != FileKind::kInternal) {
            continue;
        }
        if (begin < fd && next_close_range(begin, fd - 1, flags) != 0) {
            return -1;
        }
        begin = fd + 1;
    }
    return begin <= last ? next_close_range(begin, last, flags) : 0;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int face_close(int fd) asm("close");
int face_dup(int fd) asm("dup");
int face_dup2(int from, int to) asm("dup2");
int face_dup3(int from, int to, int flags) asm("dup3");
int face_fcntl(int fd, int command, ...) asm("fcntl");
int face_fcntl64(int fd, int command, ...) asm("fcntl64") __attribute__((alias("fcntl")));
int face_close_range(unsigned first, unsigned last, int flags) asm("close_range");
void face_closefrom(int first) asm("closefrom");

int face_close(int fd) {
    return close_tracked(fd);
}

int face_dup(int fd) {
    return duplicate_tracked(fd, -1, 0, copy_anywhere);
}

int face_dup2(int from, int to) {
    return duplicate_tracked(from, to, 0, copy_over);
}

int face_dup3(int from, int to, int flags) {
    return duplicate_tracked(from, to, flags, copy_over_with_flags);
}

int face_fcntl(int fd, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    void* const argument = va_arg(arguments, void*);  // as wide as any argument fcntl takes
    va_end(arguments);
    const int number = static_cast<int>(reinterpret_cast<std::intptr_t>(argument));
    switch (command) {
        case F_DUPFD: return duplicate_tracked(fd, -1, number, copy_above);
        case F_DUPFD_CLOEXEC: return duplicate_tracked(fd, -1, number, copy_above_cloexec);
        default: return next_fcntl(fd, command, argument);
    }
}

int face_close_range(unsigned first, unsigned last, int flags) {
    if (first > last) {
        errno = EINVAL;
        return -1;
    }
    if (flags == 0) {
        forget_range(first, last);
    }
    return close_gaps(first, last, flags);
}

void face_closefrom(int first) {
    face_close_range(first < 0 ? 0U : static_cast<unsigned>(first), UINT_MAX, 0);
}

}  // extern "C"
#pragma GCC visibility pop

}  // namespace vmbus::host::face
