#include "whole_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/unique_fd.hpp"

namespace vmbus::devbind {
namespace {

int write_new_file(const std::string& path, std::string_view text, Outlasts outlasts) {
    const base::UniqueFd file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file) {
        return errno;
    }
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size())) {
        return written < 0 ? errno : ENOSPC;
    }
    return outlasts == Outlasts::kThisProgram || ::fsync(file.get()) == 0 ? 0 : errno;
}

}  // namespace

int write_whole_file(const std::string& path, std::string_view text, Outlasts outlasts) {
    // The dot: neither udev rules nor driverctl take it for an override.
    const auto slash = path.rfind('/') + 1;
    const std::string beside = path.substr(0, slash) + "." + path.substr(slash) + ".new";
    int error = write_new_file(beside, text, outlasts);
    if (error == 0 && std::rename(beside.c_str(), path.c_str()) != 0) {
        error = errno;
    }
    if (error != 0) {
        ::unlink(beside.c_str());
    }
    return error;
}

}  // namespace vmbus::devbind
