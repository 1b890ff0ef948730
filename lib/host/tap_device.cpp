#include "host/tap_device.hpp"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace vmbus::host {
namespace {

constexpr const char* kTunFile = "/dev/net/tun";

/// This thread is in another network namespace for as long as the object lives.
class Visit {
public:
    explicit Visit(const std::string& network) {
        if (network.empty()) {
            return;
        }
        // Where `ip netns` keeps them.
        const std::string path = network.front() == '/' ? network : "/run/netns/" + network;
        const base::UniqueFd there(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        home_.reset(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
        if (!there || !home_ || ::setns(there.get(), CLONE_NEWNET) != 0) {
            error_ = errno;
            home_.reset();
        }
    }
    ~Visit() {
        // The host must not go on in a foreign network.
        if (home_ && ::setns(home_.get(), CLONE_NEWNET) != 0) {
            std::abort();
        }
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    int error() const noexcept { return error_; }

private:
    base::UniqueFd home_;
    int error_ = 0;
};

ifreq request_for(const TapPortSpec& spec) {
    ifreq request{};
    spec.name.copy(request.ifr_name, IFNAMSIZ - 1);
    return request;
}

std::string refusal(const TapPortSpec& spec, int error) {
    switch (error) {
        case EPERM:
            return spec.name +
                   ": a tap device needs CAP_NET_ADMIN: run as root, or let root make it for you: "
                   "ip tuntap add dev " +
                   spec.name + " mode tap user NAME";
        case EBUSY: return spec.name + ": another program has this device";
        case EINVAL: return spec.name + ": there is such a device, but not a tap with one queue";
        default: return spec.name + ": " + std::strerror(error);
    }
}

/// Up, and as large as its NIC. Devices that others made keep their size, and belong to whoever may
/// change them.
int set_up(const TapPortSpec& spec, bool made_here) noexcept {
    const base::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request = request_for(spec);
    request.ifr_mtu = static_cast<int>(spec.mtu);
    if (!socket || (made_here && ::ioctl(socket.get(), SIOCSIFMTU, &request) != 0)) {
        return errno;
    }
    request = request_for(spec);
    if (::ioctl(socket.get(), SIOCGIFFLAGS, &request) != 0) {
        return errno;
    }
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    const bool up = ::ioctl(socket.get(), SIOCSIFFLAGS, &request) == 0;
    return up || !made_here ? 0 : errno;
}

}  // namespace

base::UniqueFd open_tap(const TapPortSpec& spec, std::string& why) {
    const Visit visit(spec.network);
    if (visit.error() != 0) {
        why = "network namespace " + spec.network + ": " + std::strerror(visit.error());
        return {};
    }
    const bool made_here = ::if_nametoindex(spec.name.c_str()) == 0;
    base::UniqueFd file(::open(kTunFile, O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!file) {
        why = std::string(kTunFile) + ": " + std::strerror(errno);
        return {};
    }
    ifreq request = request_for(spec);
    request.ifr_flags = IFF_TAP | IFF_NO_PI;
    // Without offloads the kernel hands over whole frames, segmented and with their checksums; a
    // device may have others' offloads set still.
    if (::ioctl(file.get(), TUNSETIFF, &request) != 0 ||
        ::ioctl(file.get(), TUNSETOFFLOAD, 0UL) != 0) {
        why = refusal(spec, errno);
        return {};
    }
    if (const int error = set_up(spec, made_here); error != 0) {
        why = spec.name + ": setting it up: " + std::strerror(error);
        return {};
    }
    return file;
}

}  // namespace vmbus::host
