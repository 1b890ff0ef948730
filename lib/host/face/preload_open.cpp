// Interposed: everything that opens a path. Paths of the emulated kernel lead to the host's folder,
// /dev/uioN to the host itself, the program's own pagemap to an answer without privileges.
//
// Each function is declared under a name of its own with the public name as its symbol: the C
// library's headers may give `open` another symbol (_FILE_OFFSET_BITS) or a checking body
// (_FORTIFY_SOURCE), and would clash with a definition.

#include <dirent.h>
#include <fcntl.h>

#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "host/face/preload_device.hpp"
#include "host/face/preload_files.hpp"
#include "host/face/preload_next.hpp"
#include "host/face/preload_paths.hpp"
#include "host/face/preload_ring.hpp"

namespace vmbus::host::face {
namespace {

using Filter = int(const dirent*);
using Compare = int(const dirent**, const dirent**);

constinit Next<int(int, const char*, int, ...)> next_openat{"openat"};
constinit Next<FILE*(const char*, const char*)> next_fopen{"fopen"};
constinit Next<DIR*(const char*)> next_opendir{"opendir"};
constinit Next<int(const char*, dirent***, Filter*, Compare*)> next_scandir{"scandir"};

int open_pagemap(const char* path, int flags) noexcept {
    const int fd = next_openat(AT_FDCWD, path, flags);
    if (fd >= 0) {
        adopt_pagemap(fd);
    }
    return fd;
}

int open_ring(const char* path, int flags) noexcept {
    const int fd = next_openat(AT_FDCWD, path, flags);
    if (fd >= 0) {
        adopt_ring(fd);
    }
    return fd;
}

/// Relative to a directory of the tree: rare enough to be looked at more closely.
bool is_ring_name(const char* path) noexcept {
    const char* const slash = std::strrchr(path, '/');
    return std::strcmp(slash == nullptr ? path : slash + 1, "ring") == 0;
}

int open_path(int directory, const char* path, int flags, mode_t mode) noexcept {
    const Redirect redirect(path);
    switch (redirect.kind()) {
        case Redirect::Kind::kDevice: return open_device(redirect.path(), redirect.number(), flags);
        case Redirect::Kind::kPagemap: return open_pagemap(path, flags);
        case Redirect::Kind::kTree:
            if (is_ring_path(redirect.path())) {
                return open_ring(redirect.path(), flags);
            }
            break;
        case Redirect::Kind::kUnrelated: break;
    }
    const int fd = next_openat(directory, redirect.path(), flags, mode);
    if (fd >= 0 && path != nullptr && path[0] != '/' && is_ring_name(path) && is_ring_file(fd)) {
        adopt_ring(fd);
    }
    return fd;
}

bool has_mode(int flags) noexcept {
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

mode_t read_mode(int flags, va_list arguments) noexcept {
    return has_mode(flags) ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int face_open(const char* path, int flags, ...) asm("open");
int face_open64(const char* path, int flags, ...) asm("open64") __attribute__((alias("open")));
int face_openat(int directory, const char* path, int flags, ...) asm("openat");
int face_openat64(int directory, const char* path, int flags, ...) asm("openat64")
    __attribute__((alias("openat")));
// What a program built with _FORTIFY_SOURCE calls when no mode is given.
int face_open_2(const char* path, int flags) asm("__open_2");
int face_open64_2(const char* path, int flags) asm("__open64_2") __attribute__((alias("__open_2")));
int face_openat_2(int directory, const char* path, int flags) asm("__openat_2");
int face_openat64_2(int directory, const char* path, int flags) asm("__openat64_2")
    __attribute__((alias("__openat_2")));
FILE* face_fopen(const char* path, const char* mode) asm("fopen");
FILE* face_fopen64(const char* path, const char* mode) asm("fopen64")
    __attribute__((alias("fopen")));
DIR* face_opendir(const char* path) asm("opendir");
int face_scandir(const char* path, dirent*** list, Filter* filter, Compare* compare) asm("scandir");
int face_scandir64(const char* path, dirent*** list, Filter* filter,
                   Compare* compare) asm("scandir64") __attribute__((alias("scandir")));

int face_open(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = read_mode(flags, arguments);
    va_end(arguments);
    return open_path(AT_FDCWD, path, flags, mode);
}

int face_openat(int directory, const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = read_mode(flags, arguments);
    va_end(arguments);
    return open_path(directory, path, flags, mode);
}

int face_open_2(const char* path, int flags) {
    return open_path(AT_FDCWD, path, flags, 0);
}

int face_openat_2(int directory, const char* path, int flags) {
    return open_path(directory, path, flags, 0);
}

FILE* face_fopen(const char* path, const char* mode) {
    return next_fopen(Redirect(path).path(), mode);
}

DIR* face_opendir(const char* path) {
    return next_opendir(Redirect(path).path());
}

int face_scandir(const char* path, dirent*** list, Filter* filter, Compare* compare) {
    return next_scandir(Redirect(path).path(), list, filter, compare);
}

}  // extern "C"
#pragma GCC visibility pop

static_assert(sizeof(off_t) == 8 && sizeof(ino_t) == 8, "the 64 forms are the same functions");

}  // namespace vmbus::host::face
