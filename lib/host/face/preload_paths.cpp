#include "host/face/preload_paths.hpp"

#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "host/face/protocol.hpp"

namespace vmbus::host::face {
namespace {

constinit std::array<char, PATH_MAX> root_path{};
constinit pthread_once_t root_once = PTHREAD_ONCE_INIT;

// A copy, because the program may change its environment later.
void read_root() noexcept {
    const char* value = std::getenv(kRootVariable);
    if (value == nullptr || value[0] != '/' || std::strlen(value) >= root_path.size()) {
        return;
    }
    std::strcpy(root_path.data(), value);
}

bool is_below(const char* path, const char* folder) noexcept {
    const std::size_t length = std::strlen(folder);
    return std::strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

bool is_in_tree(const char* path) noexcept {
    return is_below(path, "/sys/bus/vmbus") || is_below(path, "/sys/class/uio") ||
           is_below(path, "/sys/devices/vmbus");
}

/// The digits at `text`, and where they end; no sign, no blank, no overflow.
const char* parse_number(const char* text, unsigned& value) noexcept {
    unsigned result = 0;
    const char* at = text;
    for (; *at >= '0' && *at <= '9' && result < UINT_MAX / 10; ++at) {
        result = result * 10 + static_cast<unsigned>(*at - '0');
    }
    value = result;
    return at == text ? nullptr : at;
}

bool is_own_pagemap(const char* path) noexcept {
    constexpr char kFolder[] = "/proc/";
    if (std::strncmp(path, kFolder, sizeof(kFolder) - 1) != 0) {
        return false;
    }
    const char* process = path + sizeof(kFolder) - 1;
    if (std::strcmp(process, "self/pagemap") == 0) {
        return true;
    }
    unsigned pid = 0;
    const char* rest = parse_number(process, pid);
    return rest != nullptr && std::strcmp(rest, "/pagemap") == 0 &&
           static_cast<pid_t>(pid) == getpid();
}

}  // namespace

const char* root() noexcept {
    // Callers may want to see errno as it was before.
    const int saved = errno;
    pthread_once(&root_once, read_root);
    errno = saved;
    return root_path[0] != '\0' ? root_path.data() : nullptr;
}

Redirect::Redirect(const char* path) noexcept
    : path_(path) {  // NOLINT(*-member-init): the buffer is large
    if (path == nullptr || path[0] != '/' || root() == nullptr) {
        return;
    }
    if (is_in_tree(path)) {
        kind_ = build(path, "") ? Kind::kTree : Kind::kUnrelated;
    } else if (is_own_pagemap(path)) {
        kind_ = Kind::kPagemap;
    } else if (try_device(path)) {
        kind_ = build(path, ".sock") ? Kind::kDevice : Kind::kUnrelated;
    }
}

bool Redirect::try_device(const char* path) noexcept {
    constexpr char kPrefix[] = "/dev/uio";
    if (std::strncmp(path, kPrefix, sizeof(kPrefix) - 1) != 0) {
        return false;
    }
    const char* end = parse_number(path + sizeof(kPrefix) - 1, number_);
    return end != nullptr && *end == '\0';
}

bool Redirect::build(const char* path, const char* suffix) noexcept {
    const int length =
        std::snprintf(buffer_.data(), buffer_.size(), "%s%s%s", root(), path, suffix);
    if (length < 0 || static_cast<std::size_t>(length) >= buffer_.size()) {
        return false;
    }
    path_ = buffer_.data();
    return true;
}

char* strip_root(char* path) noexcept {
    if (root() != nullptr && is_below(path, root())) {
        const char* rest = path + std::strlen(root());
        std::memmove(path, rest, std::strlen(rest) + 1);
    }
    return path;
}

}  // namespace vmbus::host::face
