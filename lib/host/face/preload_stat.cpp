// Interposed: everything that asks what a path or a descriptor is. A device looks like the
// character device it plays. (Symbols by asm label: see preload_open.cpp.)

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "host/face/preload_files.hpp"
#include "host/face/preload_next.hpp"
#include "host/face/preload_paths.hpp"
#include "host/face/preload_ring.hpp"

namespace vmbus::host::face {
namespace {

using Stat = struct stat;
using Statx = struct statx;

constinit Next<int(int, const char*, Stat*, int)> next_fstatat{"fstatat"};
constinit Next<int(int, Stat*)> next_fstat{"fstat"};
constinit Next<int(int, const char*, int, unsigned, Statx*)> next_statx{"statx"};
constinit Next<int(int, const char*, int, int)> next_faccessat{"faccessat"};

constexpr mode_t kDeviceMode = S_IFCHR | S_IRUSR | S_IWUSR;

bool is_ring(const Redirect& redirect) noexcept {
    return redirect.kind() == Redirect::Kind::kTree && is_ring_path(redirect.path());
}

int stat_path(int directory, const char* path, Stat* out, int flags) noexcept {
    const Redirect redirect(path);
    const int result = next_fstatat(directory, redirect.path(), out, flags);
    if (result == 0 && redirect.kind() == Redirect::Kind::kDevice) {
        out->st_mode = kDeviceMode;
        out->st_rdev = makedev(kUioMajor, redirect.number());
    } else if (result == 0 && is_ring(redirect)) {
        correct_ring_size(out->st_size);
    }
    return result;
}

int stat_descriptor(int fd, Stat* out) noexcept {
    const int result = next_fstat(fd, out);
    if (result == 0 && kind_of(fd) == FileKind::kDevice) {
        const PinnedFile file(fd);
        out->st_mode = kDeviceMode;
        out->st_rdev = makedev(kUioMajor, file ? file->number : 0);
    } else if (result == 0 && kind_of(fd) == FileKind::kRing) {
        correct_ring_size(out->st_size);
    }
    return result;
}

int statx_path(int directory, const char* path, int flags, unsigned mask, Statx* out) noexcept {
    const Redirect redirect(path);
    const int result = next_statx(directory, redirect.path(), flags, mask, out);
    if (result == 0 && redirect.kind() == Redirect::Kind::kDevice) {
        out->stx_mode = kDeviceMode;
        out->stx_rdev_major = kUioMajor;
        out->stx_rdev_minor = redirect.number();
    } else if (result == 0 && is_ring(redirect)) {
        auto size = static_cast<off_t>(out->stx_size);
        correct_ring_size(size);
        out->stx_size = static_cast<std::uint64_t>(size);
    }
    return result;
}

int access_path(int directory, const char* path, int mode, int flags) noexcept {
    return next_faccessat(directory, Redirect(path).path(), mode, flags);
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int face_stat(const char* path, Stat* out) asm("stat");
int face_stat64(const char* path, Stat* out) asm("stat64") __attribute__((alias("stat")));
int face_lstat(const char* path, Stat* out) asm("lstat");
int face_lstat64(const char* path, Stat* out) asm("lstat64") __attribute__((alias("lstat")));
int face_fstat(int fd, Stat* out) asm("fstat");
int face_fstat64(int fd, Stat* out) asm("fstat64") __attribute__((alias("fstat")));
int face_fstatat(int directory, const char* path, Stat* out, int flags) asm("fstatat");
int face_fstatat64(int directory, const char* path, Stat* out, int flags) asm("fstatat64")
    __attribute__((alias("fstatat")));
int face_statx(int directory, const char* path, int flags, unsigned mask, Statx* out) asm("statx");
// The forms of programs built before glibc 2.33. 64-bit machines have one layout, whatever the
// version.
int face_xstat(int version, const char* path, Stat* out) asm("__xstat");
int face_xstat64(int version, const char* path, Stat* out) asm("__xstat64")
    __attribute__((alias("__xstat")));
int face_lxstat(int version, const char* path, Stat* out) asm("__lxstat");
int face_lxstat64(int version, const char* path, Stat* out) asm("__lxstat64")
    __attribute__((alias("__lxstat")));
int face_fxstat(int version, int fd, Stat* out) asm("__fxstat");
int face_fxstat64(int version, int fd, Stat* out) asm("__fxstat64")
    __attribute__((alias("__fxstat")));
int face_fxstatat(int version, int directory, const char* path, Stat* out,
                  int flags) asm("__fxstatat");
int face_fxstatat64(int version, int directory, const char* path, Stat* out,
                    int flags) asm("__fxstatat64") __attribute__((alias("__fxstatat")));
int face_access(const char* path, int mode) asm("access");
int face_eaccess(const char* path, int mode) asm("eaccess");
int face_euidaccess(const char* path, int mode) asm("euidaccess") __attribute__((alias("eaccess")));
int face_faccessat(int directory, const char* path, int mode, int flags) asm("faccessat");

int face_stat(const char* path, Stat* out) {
    return stat_path(AT_FDCWD, path, out, 0);
}

int face_lstat(const char* path, Stat* out) {
    return stat_path(AT_FDCWD, path, out, AT_SYMLINK_NOFOLLOW);
}

int face_fstat(int fd, Stat* out) {
    return stat_descriptor(fd, out);
}

int face_fstatat(int directory, const char* path, Stat* out, int flags) {
    return stat_path(directory, path, out, flags);
}

int face_statx(int directory, const char* path, int flags, unsigned mask, Statx* out) {
    return statx_path(directory, path, flags, mask, out);
}

int face_xstat(int /*version*/, const char* path, Stat* out) {
    return stat_path(AT_FDCWD, path, out, 0);
}

int face_lxstat(int /*version*/, const char* path, Stat* out) {
    return stat_path(AT_FDCWD, path, out, AT_SYMLINK_NOFOLLOW);
}

int face_fxstat(int /*version*/, int fd, Stat* out) {
    return stat_descriptor(fd, out);
}

int face_fxstatat(int /*version*/, int directory, const char* path, Stat* out, int flags) {
    return stat_path(directory, path, out, flags);
}

int face_access(const char* path, int mode) {
    return access_path(AT_FDCWD, path, mode, 0);
}

int face_eaccess(const char* path, int mode) {
    return access_path(AT_FDCWD, path, mode, AT_EACCESS);
}

int face_faccessat(int directory, const char* path, int mode, int flags) {
    return access_path(directory, path, mode, flags);
}

}  // extern "C"
#pragma GCC visibility pop

}  // namespace vmbus::host::face
