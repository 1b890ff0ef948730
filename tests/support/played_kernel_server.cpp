#include "support/played_kernel_server.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdio>
#include <cstring>
#include <stdexcept>

namespace vmbus::test {

using namespace std::chrono_literals;

PlayedKernelServer::PlayedKernelServer(PlayedSysfs& sysfs)
    : sysfs_(sysfs), socket_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::snprintf(address.sun_path, sizeof(address.sun_path), "%s/kernel", sysfs.root().c_str());
    if (::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        ::listen(socket_.get(), 8) != 0) {
        throw std::runtime_error("the played kernel cannot listen");
    }
    thread_ = std::thread([this] { serve(); });
}

PlayedKernelServer::~PlayedKernelServer() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

std::vector<std::string> PlayedKernelServer::environment() const {
    return {"env", "-u", "SSH_CONNECTION", "LD_PRELOAD=" PLAYED_WRITES,
            "PLAYED_SYSFS=" + sysfs_.root().string()};
}

void PlayedKernelServer::hold(int number) {
    const std::lock_guard lock(mutex_);
    writes_until_hold_ = number;
}

bool PlayedKernelServer::is_held(std::chrono::seconds limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [this] { return held_; });
}

void PlayedKernelServer::go_on() {
    std::unique_lock lock(mutex_);
    held_ = false;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !in_held_write_; });
}

void PlayedKernelServer::wait_if_held() {
    std::unique_lock lock(mutex_);
    if (writes_until_hold_ > 0 && --writes_until_hold_ == 0) {
        held_ = true;
        in_held_write_ = true;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_ || stop_; });
    }
}

void PlayedKernelServer::answer(int connection) {
    std::array<char, PATH_MAX + 4096> request{};
    const ssize_t length = ::recv(connection, request.data(), request.size(), 0);
    if (length <= 0) {
        return;
    }
    wait_if_held();
    const std::string_view all(request.data(), static_cast<std::size_t>(length));
    const auto name = all.substr(0, all.find('\0'));
    const int error =
        with([&](PlayedSysfs& sysfs) { return sysfs.write(name, all.substr(name.size() + 1)); });
    with([this](PlayedSysfs&) { in_held_write_ = false; });
    changed_.notify_all();
    ::send(connection, &error, sizeof(error), MSG_NOSIGNAL);
}

void PlayedKernelServer::serve() {
    for (;;) {
        const auto now = std::chrono::steady_clock::now() - start_;
        const bool stop = with([&](PlayedSysfs& sysfs) {
            sysfs.tick(static_cast<unsigned long>(
                std::chrono::duration_cast<std::chrono::milliseconds>(now).count()));
            return stop_;
        });
        if (stop) {
            return;
        }
        pollfd ready{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        if (::poll(&ready, 1, 2) == 1) {
            const base::UniqueFd connection(::accept(socket_.get(), nullptr, nullptr));
            answer(connection.get());
        }
    }
}

}  // namespace vmbus::test
