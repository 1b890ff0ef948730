#include "host/face/preload_ring.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "host/face/preload_paths.hpp"
#include "host/face/preload_told.hpp"
#include "host/face/protocol.hpp"

namespace vmbus::host::face {
namespace {

constinit off_t told_size = 0;
constinit pthread_once_t size_once = PTHREAD_ONCE_INIT;

using Text = std::array<char, PATH_MAX>;

void read_told_size() noexcept {
    Text text;
    if (read_told(kRingFileSize, text)) {
        told_size = static_cast<off_t>(std::strtoll(text.data(), nullptr, 10));
    }
}

bool path_of(int fd, Text& path) noexcept {
    std::array<char, 32> link{};
    std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", fd);
    const long length =
        syscall(SYS_readlinkat, AT_FDCWD, link.data(), path.data(), path.size() - 1);
    path[length < 0 ? 0 : static_cast<std::size_t>(length)] = '\0';
    return length > 0;
}

/// The `state` of the device whose channels/<relid>/ring this is: 3 is open.
bool is_channel_open(int fd) noexcept {
    Text path;
    if (!path_of(fd, path)) {
        return false;
    }
    for (int up = 0; up < 3; ++up) {  // ring, <relid>, channels
        char* const slash = std::strrchr(path.data(), '/');
        if (slash == nullptr) {
            return false;
        }
        *slash = '\0';
    }
    Text state;
    const std::size_t length = std::strlen(path.data());
    return length + sizeof("/state") <= path.size() &&
           std::strcpy(path.data() + length, "/state") != nullptr &&
           read_text(path.data(), state) && state[0] == '3';
}

}  // namespace

bool is_ring_path(const char* path) noexcept {
    const char* const name = std::strrchr(path, '/');
    return name != nullptr && std::strcmp(name, "/ring") == 0 && root() != nullptr &&
           std::strncmp(path, root(), std::strlen(root())) == 0 &&
           std::strstr(path, "/channels/") != nullptr;
}

bool is_ring_file(int fd) noexcept {
    Text path;
    return root() != nullptr && path_of(fd, path) && is_ring_path(path.data());
}

int check_ring_mapping(int fd, std::size_t length, off_t offset) noexcept {
    struct stat file {};
    if (!is_channel_open(fd)) {
        return ENODEV;
    }
    if (syscall(SYS_fstat, fd, &file) != 0) {
        return errno;
    }
    const auto size = static_cast<std::size_t>(file.st_size);
    const auto from = static_cast<std::size_t>(offset);
    return offset < 0 || from > size || length > size - from ? EINVAL : 0;
}

void correct_ring_size(off_t& size) noexcept {
    pthread_once(&size_once, read_told_size);
    size = told_size > 0 ? told_size : size;
}

}  // namespace vmbus::host::face
