// A guest in miniature: does what a UIO driver for VMBus does, with nothing but the C library, and
// stops with a message at the first answer that differs from the kernel's. Runs under the preload
// library; uio_device_test.cpp plays its host.

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "face_script.hpp"

namespace {

using namespace vmbus::host::script;

constexpr char kDevices[] = "/sys/bus/vmbus/devices";
constexpr char kDevice[] = "/dev/uio0";

/// The caller's line says which answer it was. (clang 14 has no std::source_location.)
void check(bool right, int line = __builtin_LINE()) {
    if (!right) {
        std::fprintf(stderr, "probe: wrong answer at line %d (errno: %s)\n", line,
                     std::strerror(errno));
        std::_Exit(1);
    }
}

bool failed_with(ssize_t result, int error) {
    return result == -1 && errno == error;
}

bool failed_with(const void* mapping, int error) {
    return mapping == MAP_FAILED && errno == error;
}

std::string first_line(const std::string& path) {
    std::FILE* const file = std::fopen(path.c_str(), "r");
    check(file != nullptr);
    std::array<char, 128> line{};
    check(std::fgets(line.data(), line.size(), file) != nullptr);
    std::fclose(file);
    return line.data();
}

std::string only_entry(const std::string& directory) {
    DIR* const stream = opendir(directory.c_str());
    check(stream != nullptr);
    std::string found;
    while (const dirent* const entry = readdir(stream)) {
        if (entry->d_name[0] != '.') {
            check(found.empty());
            found = entry->d_name;
        }
    }
    closedir(stream);
    return found;
}

void probe_sysfs() {
    const std::string device = std::string(kDevices) + "/" + only_entry(kDevices);
    check(first_line(device + "/class_id") == "{f8615163-df3e-46c5-913f-f2d2f965ed0e}\n");
    check(first_line(device + "/id") == "5\n");
    check(only_entry(device + "/uio") == "uio0");
    check(first_line(device + "/uio/uio0/maps/map3/name") == "recv:925201\n");
    check(first_line("/sys/class/uio/uio0/maps/map1/size") == "0x0000000000001000\n");
    check(access((device + "/monitor_id").c_str(), R_OK) == 0);
    check(failed_with(access((device + "/nothing").c_str(), F_OK), ENOENT));

    std::array<char, 256> link{};
    check(readlink((device + "/driver").c_str(), link.data(), link.size() - 1) > 0);
    check(std::string(link.data()).ends_with("/uio_hv_generic"));
    char* const resolved = realpath("/sys/class/uio/uio0/device", nullptr);
    check(resolved != nullptr && resolved == device);
    std::free(resolved);
}

void probe_kernel() {
    utsname names{};
    check(uname(&names) == 0 && std::strcmp(names.release, kToldRelease) == 0);
    check(std::strcmp(names.sysname, "Linux") == 0);
}

void* map_ring(int fd, std::size_t length, off_t offset) {
    return mmap(nullptr, length, PROT_READ, MAP_SHARED, fd, offset);
}

/// An attribute that is mapped and never read, while the channel is open. Any part of it will do.
void probe_ring(bool is_open) {
    const std::string device = std::string(kDevices) + "/" + only_entry(kDevices);
    const std::string path = device + "/channels/5/ring";
    struct stat ring {};
    check(stat(path.c_str(), &ring) == 0 && ring.st_size == kToldRingSize);
    const int directory = open((device + "/channels/5").c_str(), O_RDONLY | O_DIRECTORY);
    const int fd = is_open ? open(path.c_str(), O_RDWR) : openat(directory, "ring", O_RDWR);
    check(fd >= 0 && fstat(fd, &ring) == 0 && ring.st_size == kToldRingSize);
    std::uint64_t word = 0;
    check(failed_with(read(fd, &word, sizeof(word)), EIO));
    check(failed_with(write(fd, &word, sizeof(word)), EIO));
    void* const whole = map_ring(fd, kRingsSize, 0);
    check(is_open ? whole != MAP_FAILED : failed_with(whole, ENODEV));
    if (is_open) {
        check(*static_cast<const std::uint64_t*>(whole) == mark_of(0));
        check(failed_with(map_ring(fd, kRingsSize + 1, 0), EINVAL));
        void* const tail = map_ring(fd, kRingsSize - 4096, 4096);
        check(tail != MAP_FAILED && munmap(tail, kRingsSize - 4096) == 0);
        munmap(whole, kRingsSize);
    }
    close(directory);
    close(fd);
}

void probe_shell() {
    std::FILE* const shell = popen("cat /sys/class/uio/uio0/name", "r");
    check(shell != nullptr);
    std::array<char, 64> line{};
    check(std::fgets(line.data(), line.size(), shell) != nullptr);
    check(std::strcmp(line.data(), "uio_hv_generic\n") == 0);
    check(pclose(shell) == 0);
}

void probe_pagemap() {
    const int local = 0;
    const auto page = reinterpret_cast<std::uintptr_t>(&local) / 4096;
    const std::uint64_t expected = (std::uint64_t{1} << 63) | page;
    const std::string own = "/proc/" + std::to_string(getpid()) + "/pagemap";
    for (const char* const path : {"/proc/self/pagemap", own.c_str()}) {
        const int fd = open(path, O_RDONLY);
        check(fd >= 0);
        std::array<std::uint64_t, 2> entries{};
        const auto offset = static_cast<off_t>(page * 8);
        check(pread(fd, entries.data(), 8, offset) == 8 && entries[0] == expected);
        check(lseek(fd, offset - 8, SEEK_SET) == offset - 8);
        check(read(fd, entries.data(), 16) == 16);
        check(entries[0] == expected - 1 && entries[1] == expected);
        check(read(fd, entries.data(), 8) == 8 && entries[0] == expected + 1);
        check(close(fd) == 0);
    }
}

using Maps = std::array<std::uint64_t*, 5>;

void* map(int fd, std::size_t index, std::size_t length) {
    return mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                static_cast<off_t>(index) * 4096);
}

Maps probe_maps(int fd) {
    Maps maps{};
    for (std::size_t i = 0; i < maps.size(); ++i) {
        void* const address = map(fd, i, size_of(i));
        check(address != MAP_FAILED);
        maps[i] = static_cast<std::uint64_t*>(address);
        check(*maps[i] == mark_of(i));
        check(failed_with(map(fd, i, size_of(i) + 1), EINVAL));
    }
    check(failed_with(map(fd, 5, 4096), EINVAL));
    return maps;
}

std::int32_t read_total(int fd) {
    std::int32_t total = 0;
    check(read(fd, &total, sizeof(total)) == sizeof(total));
    return total;
}

bool tell(int fd, std::int32_t value) {
    return write(fd, &value, sizeof(value)) == sizeof(value);
}

bool is_readable(int fd) {
    pollfd state{.fd = fd, .events = POLLIN, .revents = 0};
    return poll(&state, 1, 0) == 1 && (state.revents & POLLIN) != 0;
}

void probe_events(int fd) {
    std::int64_t wide = 0;
    check(failed_with(read(fd, &wide, sizeof(wide)), EINVAL));
    check(failed_with(write(fd, &wide, sizeof(wide)), EINVAL));
    check(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
    check(!is_readable(fd));
    check(failed_with(read(fd, &wide, 4), EAGAIN));

    check(tell(fd, kRaiseThree));
    check(is_readable(fd));
    check(read_total(fd) == 3);
    check(failed_with(read(fd, &wide, 4), EAGAIN));

    check(fcntl(fd, F_SETFL, 0) == 0);
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    epoll_event event{};
    event.events = EPOLLIN;
    check(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
    check(tell(fd, kRaiseLater));
    check(epoll_wait(epoll, &event, 1, 5000) == 1 && read_total(fd) == 4);
    close(epoll);
}

void probe_copies(int fd) {
    const int copy = dup(fd);
    check(copy >= 0 && tell(copy, kRaiseThree) && read_total(copy) == 7);
    const int high = fcntl(copy, F_DUPFD_CLOEXEC, 100);
    check(high >= 100 && close(copy) == 0);
    check(tell(high, kRaiseThree) && read_total(high) == 10);
    check(close(high) == 0 && tell(fd, kRaiseThree) && read_total(fd) == 13);
}

void probe_looks(int fd) {
    struct stat state {};
    check(fstat(fd, &state) == 0 && S_ISCHR(state.st_mode) && minor(state.st_rdev) == 0);
    check(stat(kDevice, &state) == 0 && S_ISCHR(state.st_mode));
    check(access(kDevice, R_OK | W_OK) == 0);
    check(failed_with(stat("/dev/uio1", &state), ENOENT));
    check(failed_with(open("/dev/uio1", O_RDWR), ENOENT));
}

/// A child that comes and goes does not release the device.
void probe_fork(int fd) {
    const pid_t child = fork();
    if (child == 0) {
        std::_Exit(close(fd) == 0 ? 0 : 1);
    }
    int status = 1;
    check(waitpid(child, &status, 0) == child && status == 0);
    check(tell(fd, kRaiseThree) && read_total(fd) == 16);
}

/// The host looks up the text by its address, through our memory.
void probe_guest_memory(int fd, const Maps& maps) {
    static constexpr std::array<char, 24> kText{"seen from the host"};
    maps[0][kAddressWord] = reinterpret_cast<std::uintptr_t>(kText.data());
    check(tell(fd, kReadMemory));
    check(std::memcmp(&maps[0][kAnswerWord], kText.data(), kText.size()) == 0);
}

/// Descriptors first, then all maps but one, then that one in two pieces: only then is it released.
void probe_release(int fd, const Maps& maps) {
    maps[0][kPhaseWord] = 1;
    check(close(fd) == 0);
    for (std::size_t i = 1; i < maps.size(); ++i) {
        check(munmap(maps[i], size_of(i)) == 0);
    }
    check(munmap(reinterpret_cast<char*>(maps[0]) + 4096, kRingsSize - 4096) == 0);
    usleep(50'000);
    maps[0][kPhaseWord] = 2;
    check(munmap(maps[0], 4096) == 0);
}

void probe_rescind() {
    const int fd = open(kDevice, O_RDWR | O_CLOEXEC);
    check(fd >= 0);
    check(!tell(fd, kRescind) && errno == EINVAL);
    std::int32_t total = 0;
    check(failed_with(read(fd, &total, sizeof(total)), EIO));
    check(!tell(fd, 1) && errno == EINVAL);
    pollfd state{.fd = fd, .events = POLLIN, .revents = 0};
    check(poll(&state, 1, 0) == 1 && (state.revents & POLLHUP) != 0);
    check(failed_with(map(fd, 0, kRingsSize), EINVAL));
    check(failed_with(open(kDevice, O_RDWR), ENOENT));
    check(close(fd) == 0);
}

/// The host took the device, and the kernel keeps it until we let go.
void probe_cut_off() {
    const int fd = open(kDevice, O_RDWR | O_CLOEXEC);
    check(fd >= 0);
    check(!tell(fd, kCutOff) && errno == EIO);
    std::int32_t total = 0;
    check(failed_with(read(fd, &total, sizeof(total)), EIO));
    check(!tell(fd, 1) && errno == EIO);
    pollfd state{.fd = fd, .events = POLLIN, .revents = 0};
    check(poll(&state, 1, 0) == 1 && (state.revents & POLLHUP) != 0);
    check(only_entry("/sys/class/uio") == "uio0");
    void* const rings = map(fd, 0, kRingsSize);
    check(rings != MAP_FAILED && munmap(rings, kRingsSize) == 0);
    check(close(fd) == 0);
}

void probe_many_opens() {
    std::array<int, 40> fds{};
    for (int& fd : fds) {
        fd = open(kDevice, O_RDWR);
        check(fd >= 0 && fd < 100);
    }
    check(tell(fds[0], kRaiseThree));
    for (const int fd : fds) {
        check(read_total(fd) > 16 && close(fd) == 0);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1 && std::strcmp(argv[1], "cut-off") == 0) {
        probe_cut_off();
        return 0;
    }
    probe_sysfs();
    probe_kernel();
    probe_ring(false);
    probe_shell();
    probe_pagemap();
    const int fd = open(kDevice, O_RDWR);
    check(fd >= 0);
    const Maps maps = probe_maps(fd);
    probe_ring(true);
    probe_events(fd);
    probe_copies(fd);
    probe_looks(fd);
    probe_fork(fd);
    probe_guest_memory(fd, maps);
    probe_release(fd, maps);
    probe_many_opens();
    probe_rescind();
    return 0;
}
