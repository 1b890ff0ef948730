// Interposed: links, working directory and watches. (Symbols by asm label: see preload_open.cpp.)

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/types.h>
#include <unistd.h>

#include "host/face/preload_next.hpp"
#include "host/face/preload_paths.hpp"

namespace vmbus::host::face {
namespace {

constinit Next<ssize_t(int, const char*, char*, std::size_t)> next_readlinkat{"readlinkat"};
constinit Next<char*(const char*, char*)> next_realpath{"realpath"};
constinit Next<int(const char*)> next_chdir{"chdir"};
constinit Next<int(int, const char*, std::uint32_t)> next_inotify_add_watch{"inotify_add_watch"};
constinit Next<ssize_t(const char*, const char*, void*, std::size_t)> next_getxattr{"getxattr"};
constinit Next<ssize_t(const char*, const char*, void*, std::size_t)> next_lgetxattr{"lgetxattr"};

/// The program gets back a path of the machine it believes in.
char* resolve(const char* path, char* resolved) noexcept {
    char* const found = next_realpath(Redirect(path).path(), resolved);
    return found != nullptr ? strip_root(found) : nullptr;
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

ssize_t face_readlink(const char* path, char* out, std::size_t size) asm("readlink");
ssize_t face_readlinkat(int directory, const char* path, char* out,
                        std::size_t size) asm("readlinkat");
ssize_t face_readlink_chk(const char* path, char* out, std::size_t size,
                          std::size_t room) asm("__readlink_chk");
char* face_realpath(const char* path, char* resolved) asm("realpath");
char* face_realpath_chk(const char* path, char* resolved, std::size_t room) asm("__realpath_chk");
char* face_canonicalize(const char* path) asm("canonicalize_file_name");
int face_chdir(const char* path) asm("chdir");
int face_inotify_add_watch(int fd, const char* path, std::uint32_t mask) asm("inotify_add_watch");
// `ls -l` asks for access lists, and complains where the path does not exist.
ssize_t face_getxattr(const char* path, const char* name, void* value,
                      std::size_t size) asm("getxattr");
ssize_t face_lgetxattr(const char* path, const char* name, void* value,
                       std::size_t size) asm("lgetxattr");

ssize_t face_readlink(const char* path, char* out, std::size_t size) {
    return next_readlinkat(AT_FDCWD, Redirect(path).path(), out, size);
}

ssize_t face_readlinkat(int directory, const char* path, char* out, std::size_t size) {
    return next_readlinkat(directory, Redirect(path).path(), out, size);
}

ssize_t face_readlink_chk(const char* path, char* out, std::size_t size, std::size_t room) {
    return next_readlinkat(AT_FDCWD, Redirect(path).path(), out, size < room ? size : room);
}

char* face_realpath(const char* path, char* resolved) {
    return resolve(path, resolved);
}

char* face_realpath_chk(const char* path, char* resolved, std::size_t /*room*/) {
    return resolve(path, resolved);
}

char* face_canonicalize(const char* path) {
    return resolve(path, nullptr);
}

int face_chdir(const char* path) {
    return next_chdir(Redirect(path).path());
}

int face_inotify_add_watch(int fd, const char* path, std::uint32_t mask) {
    return next_inotify_add_watch(fd, Redirect(path).path(), mask);
}

ssize_t face_getxattr(const char* path, const char* name, void* value, std::size_t size) {
    return next_getxattr(Redirect(path).path(), name, value, size);
}

ssize_t face_lgetxattr(const char* path, const char* name, void* value, std::size_t size) {
    return next_lgetxattr(Redirect(path).path(), name, value, size);
}

}  // extern "C"
#pragma GCC visibility pop

}  // namespace vmbus::host::face
