#include "host/face/preload_told.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdio>

#include "host/face/preload_paths.hpp"

namespace vmbus::host::face {

bool read_text(const char* path, std::span<char> text) noexcept {
    const int fd = static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0));
    if (fd < 0) {
        return false;
    }
    const long length = syscall(SYS_read, fd, text.data(), text.size() - 1);
    syscall(SYS_close, fd);
    text[length < 0 ? 0 : static_cast<std::size_t>(length)] = '\0';
    return length > 0;
}

bool read_told(const char* name, std::span<char> text) noexcept {
    std::array<char, PATH_MAX> path;
    const char* const folder = root();
    if (folder == nullptr) {
        return false;
    }
    const int length = std::snprintf(path.data(), path.size(), "%s%s", folder, name);
    return length > 0 && static_cast<std::size_t>(length) < path.size() &&
           read_text(path.data(), text);
}

}  // namespace vmbus::host::face
