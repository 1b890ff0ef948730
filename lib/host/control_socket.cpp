#include "host/control_socket.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace vmbus::host {
namespace {

constexpr char kName[] = "/control";

bool make_address(const std::string& path, sockaddr_un& address) noexcept {
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof(address.sun_path)) {
        return false;
    }
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return true;
}

/// 0, or an errno: what anybody else may enter is no place for it.
int make_private_folder(const std::string& folder) noexcept {
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
        return errno;
    }
    struct stat state {};
    if (lstat(folder.c_str(), &state) != 0) {
        return errno;
    }
    const bool ours = S_ISDIR(state.st_mode) && state.st_uid == geteuid();
    return ours && (state.st_mode & 077U) == 0 ? 0 : EPERM;
}

/// A host that was killed leaves its socket behind.
void remove_if_abandoned(const std::string& path) noexcept {
    struct stat state {};
    const bool is_socket = lstat(path.c_str(), &state) == 0 && S_ISSOCK(state.st_mode);
    if (is_socket && connect_to_control(path).error() == ECONNREFUSED) {
        unlink(path.c_str());
    }
}

}  // namespace

std::string default_control_path() {
    const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
    if (runtime != nullptr && runtime[0] == '/') {
        return std::string(runtime) + "/vmbus-host" + kName;
    }
    return "/tmp/vmbus-host-" + std::to_string(geteuid()) + kName;
}

base::Result<base::UniqueFd> listen_for_control(const std::string& path) noexcept {
    using Listener = base::Result<base::UniqueFd>;
    sockaddr_un address{};
    const auto slash = path.rfind('/');
    if (!make_address(path, address)) {
        return Listener::error(ENAMETOOLONG);
    }
    // Without the slash at the end, which would follow a link.
    const int error = make_private_folder(slash == std::string::npos ? "." : path.substr(0, slash));
    if (error != 0) {
        return Listener::error(error);
    }
    remove_if_abandoned(path);
    base::UniqueFd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!listener ||
        bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        listen(listener.get(), SOMAXCONN) != 0) {
        return Listener::error(errno);
    }
    return listener;
}

base::Result<base::UniqueFd> connect_to_control(const std::string& path) noexcept {
    using Connection = base::Result<base::UniqueFd>;
    sockaddr_un address{};
    if (!make_address(path, address)) {
        return Connection::error(ENAMETOOLONG);
    }
    base::UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd ||
        connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        return Connection::error(errno);
    }
    return fd;
}

}  // namespace vmbus::host
