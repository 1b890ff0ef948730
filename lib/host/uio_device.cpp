#include "host/uio_device.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

namespace vmbus::host {
namespace {

constexpr int kSocketType = SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK;

/// Of one guest, which may send more as fast as they are answered: others have their turn too.
constexpr unsigned kRequestsPerTurn = 64;

using Descriptors = std::array<int, face::kHelloDescriptors>;

pid_t peer_of(int socket) noexcept {
    ucred peer{};
    socklen_t length = sizeof(peer);
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 ? peer.pid : 0;
}

bool watch(int epoll, int fd) noexcept {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

/// The greeting with its descriptors, in one message: the guest has all or nothing.
bool send_hello(int socket, face::Hello hello, const Descriptors& descriptors) noexcept {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(Descriptors))> ancillary{};
    iovec bytes{&hello, sizeof(hello)};
    msghdr message{};
    message.msg_iov = &bytes;
    message.msg_iovlen = 1;
    message.msg_control = ancillary.data();
    message.msg_controllen = ancillary.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(Descriptors));
    std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof(Descriptors));
    return sendmsg(socket, &message, MSG_NOSIGNAL) == sizeof(hello);
}

void send_refusal(int socket, int error) noexcept {
    face::Hello hello{};
    hello.magic = face::kHelloMagic;
    hello.error = error;
    send(socket, &hello, sizeof(hello), MSG_NOSIGNAL);
}

/// Two connected sockets. The guest's end blocks: its write() waits for the reply.
std::pair<base::UniqueFd, base::UniqueFd> make_control() noexcept {
    std::array<int, 2> ends{-1, -1};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
        return {};
    }
    return {base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

}  // namespace

base::Result<std::unique_ptr<UioDevice>> UioDevice::create(const std::string& socket_path,
                                                           const Maps& maps,
                                                           UioHandler& handler) noexcept {
    using Created = base::Result<std::unique_ptr<UioDevice>>;
    std::unique_ptr<UioDevice> device(new UioDevice(socket_path, maps, handler));
    const int error = device->listen();
    return error == 0 ? Created(std::move(device)) : Created::error(error);
}

UioDevice::~UioDevice() {
    rescind();
}

int UioDevice::listen() noexcept {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path_.size() >= sizeof(address.sun_path)) {
        return ENAMETOOLONG;
    }
    std::memcpy(address.sun_path, socket_path_.c_str(), socket_path_.size() + 1);
    epoll_.reset(epoll_create1(EPOLL_CLOEXEC));
    base::UniqueFd listener(socket(AF_UNIX, kSocketType, 0));
    const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
    if (!epoll_ || !listener || bind(listener.get(), generic, sizeof(address)) != 0) {
        return errno;
    }
    listener_ = std::move(listener);  // from here on the path is ours to remove
    const bool ready =
        ::listen(listener_.get(), SOMAXCONN) == 0 && watch(epoll_.get(), listener_.get());
    return ready ? 0 : errno;
}

void UioDevice::service() noexcept {
    std::array<epoll_event, 16> events{};
    const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_.get()) {
            accept_one();
        } else {
            serve(fd);
        }
    }
}

void UioDevice::accept_one() noexcept {
    base::UniqueFd socket(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket) {
        return;
    }
    // A guest that releases and opens again must find the device released: its farewell came first.
    serve_all();
    const int fd = socket.get();
    const pid_t guest = peer_of(fd);
    if (const int refused = opens_.empty() ? handler_.opened(guest) : 0; refused != 0) {
        send_refusal(fd, refused);
        return;
    }
    if (!listener_) {
        send_refusal(fd, ENODEV);  // the handler rescinded the device
    } else if (admit(Open{std::move(socket), {}, guest}) != 0 && opens_.empty()) {
        handler_.closed();
    }
}

/// The host accepts; now the guest must get its descriptors. 0 or errno.
int UioDevice::admit(Open open) noexcept {
    auto [ours, theirs] = make_control();
    Descriptors descriptors{theirs.get()};
    face::Hello hello{};
    hello.magic = face::kHelloMagic;
    for (std::size_t i = 0; i < maps_.size(); ++i) {
        descriptors[1 + i] = maps_[i].fd;
        hello.map_size[i] = maps_[i].size;
    }
    if (!ours || !watch(epoll_.get(), ours.get())) {
        send_refusal(open.events.get(), ENFILE);
        return ENFILE;
    }
    if (!send_hello(open.events.get(), hello, descriptors)) {
        return EPIPE;  // the guest died while it waited
    }
    open.control = std::move(ours);
    opens_.push_back(std::move(open));
    handler_.held_by(openers());
    return 0;
}

void UioDevice::serve(int control) noexcept {
    // An earlier event of the same round may have rescinded the device.
    const bool known = std::any_of(opens_.begin(), opens_.end(), [control](const Open& open) {
        return open.control.get() == control;
    });
    if (known && !answer_requests(control)) {
        drop(control);
    }
}

void UioDevice::serve_all() noexcept {
    std::vector<int> controls;
    std::transform(opens_.begin(), opens_.end(), std::back_inserter(controls),
                   [](const Open& open) { return open.control.get(); });
    std::for_each(controls.begin(), controls.end(), [this](int control) { serve(control); });
}

/// False: the guest released the device.
bool UioDevice::answer_requests(int control) noexcept {
    face::ControlRequest request{};
    ssize_t length = recv(control, &request, sizeof(request), MSG_DONTWAIT);
    for (unsigned answered = 0; length == sizeof(request); ++answered) {
        if (!cut_off_) {
            handler_.control(request.value);
        }
        if (opens_.empty()) {
            return true;  // the handler rescinded the device: `control` is closed
        }
        const face::ControlReply reply{request.sequence, cut_off_ ? EIO : 0};
        send(control, &reply, sizeof(reply), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (answered + 1 == kRequestsPerTurn) {
            return true;  // what is left makes the file readable again
        }
        length = recv(control, &request, sizeof(request), MSG_DONTWAIT);
    }
    return length < 0 && (errno == EAGAIN || errno == EINTR);
}

void UioDevice::drop(int control) noexcept {
    std::erase_if(opens_, [control](const Open& open) { return open.control.get() == control; });
    if (opens_.empty()) {
        handler_.closed();
    } else {
        handler_.held_by(openers());
    }
}

std::vector<pid_t> UioDevice::openers() const {
    std::vector<pid_t> result;
    std::transform(opens_.begin(), opens_.end(), std::back_inserter(result),
                   [](const Open& open) { return open.guest; });
    return result;
}

void UioDevice::raise() noexcept {
    // Wraps as the kernel's counter does.
    event_total_ = static_cast<std::int32_t>(static_cast<std::uint32_t>(event_total_) + 1U);
    const face::Event event{event_total_};
    for (const Open& open : opens_) {
        // A full queue already wakes the guest, and a guest may close its file and keep its
        // mappings.
        send(open.events.get(), &event, sizeof(event), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

void UioDevice::rescind() noexcept {
    stop_listening();
    opens_.clear();
}

void UioDevice::cut_off() noexcept {
    cut_off_ = true;
    stop_listening();
    for (const Open& open : opens_) {
        shutdown(open.events.get(), SHUT_RDWR);  // in the kernel poll() reports every kind of end
    }
}

void UioDevice::stop_listening() noexcept {
    if (listener_) {
        unlink(socket_path_.c_str());
        listener_.reset();
    }
}

}  // namespace vmbus::host
