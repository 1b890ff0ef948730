#include "host/face/preload_files.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "host/face/preload_mappings.hpp"
#include "host/face/preload_next.hpp"

namespace vmbus::host::face {
namespace {

constinit Next<int(int)> next_close{"close"};
constinit Next<int(void*, std::size_t)> next_munmap{"munmap"};
constinit Next<void*(void*, std::size_t, int, int, int, off_t)> next_mmap{"mmap"};

// Descriptors above this are not followed: a device there behaves like the socket that it is.
constexpr int kMaxDescriptor = 65536;
// Ours start here: programs rarely get so far, and it is below the usual limit of 1024.
constexpr int kInternalBase = 512;

// What is known about a descriptor: 0 nothing, else a kind; a device's entry names its open file.
using Mark = std::uint16_t;
constexpr Mark kPagemapMark = 1;
constexpr Mark kInternalMark = 2;
constexpr Mark kRingMark = 3;
constexpr Mark kFirstDeviceMark = 4;

constinit std::array<std::atomic<Mark>, kMaxDescriptor> marks{};
constinit std::array<OpenFile, 512> open_files{};

constinit pthread_mutex_t table_mutex = PTHREAD_MUTEX_INITIALIZER;
constinit std::atomic<pid_t> table_owner = 0;

class TableLock {
public:
    TableLock() noexcept { pthread_mutex_lock(&table_mutex); }
    ~TableLock() { pthread_mutex_unlock(&table_mutex); }
    TableLock(const TableLock&) = delete;
    TableLock& operator=(const TableLock&) = delete;
};

// A forked child inherits the table, so nobody may be in the middle of changing it.
void before_fork() noexcept {
    pthread_mutex_lock(&table_mutex);
}
void after_fork_in_parent() noexcept {
    pthread_mutex_unlock(&table_mutex);
}
void after_fork_in_child() noexcept {
    // sync owner.take -> owner.look: a new process has one thread.
    table_owner.store(getpid(), std::memory_order_relaxed);
    pthread_mutex_unlock(&table_mutex);
}

[[gnu::constructor]] void start_table() noexcept {
    // sync owner.take -> owner.look: threads start later, and starting one orders the two.
    table_owner.store(getpid(), std::memory_order_relaxed);
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

// Between vfork() and exec() a child shares our memory but not our descriptors: what it closes or
// duplicates is no business of the table.
bool is_borrowed_by_vfork() noexcept {
    // sync owner.look -> owner.take: see there.
    const pid_t owner = table_owner.load(std::memory_order_relaxed);
    return owner != 0 && owner != getpid();
}

Mark mark_of(int fd) noexcept {
    if (fd < 0 || fd >= kMaxDescriptor) {
        return 0;
    }
    // sync mark.look -> mark.set: the open file is filled in before a descriptor names it.
    return marks[static_cast<std::size_t>(fd)].load(std::memory_order_acquire);
}

void set_mark(int fd, Mark mark) noexcept {
    if (fd >= 0 && fd < kMaxDescriptor) {
        // sync mark.set -> mark.look: see there.
        marks[static_cast<std::size_t>(fd)].store(mark, std::memory_order_release);
    }
}

OpenFile* file_of(Mark mark) noexcept {
    return mark < kFirstDeviceMark ? nullptr : &open_files[mark - kFirstDeviceMark];
}

// The functions below need the table's lock.

void drop_reference(OpenFile& file) noexcept {
    if (--file.references == 0) {
        close_internal(file.control);
        file.control = -1;
    }
}

/// Without a descriptor nothing can be mapped any more: give the maps' files back early.
void drop_descriptor(OpenFile& file) noexcept {
    if (--file.descriptors == 0) {
        std::for_each(file.maps.begin(), file.maps.end(), close_internal);
        file.maps.fill(-1);
    }
    drop_reference(file);
}

void add_descriptor(OpenFile& file) noexcept {
    ++file.descriptors;
    ++file.references;
}

void replace_mark(int fd, Mark mark) noexcept {
    const Mark old = mark_of(fd);
    if (OpenFile* const file = file_of(mark)) {
        add_descriptor(*file);
    }
    set_mark(fd, mark);
    if (OpenFile* const file = file_of(old)) {
        drop_descriptor(*file);
    }
}

std::uintptr_t address_of(const void* address) noexcept {
    return reinterpret_cast<std::uintptr_t>(address);
}

/// Kernel and table see whole pages.
std::uintptr_t end_of(const void* address, std::size_t length) noexcept {
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    return (address_of(address) + length + page - 1) / page * page;
}

}  // namespace

FileKind kind_of(int fd) noexcept {
    const Mark mark = mark_of(fd);
    return mark >= kFirstDeviceMark ? FileKind::kDevice : static_cast<FileKind>(mark);
}

PinnedFile::PinnedFile(int fd) noexcept {
    const TableLock lock;
    file_ = file_of(mark_of(fd));
    if (file_ != nullptr) {
        ++file_->references;
    }
}

PinnedFile::~PinnedFile() {
    if (file_ != nullptr) {
        const TableLock lock;
        drop_reference(*file_);
    }
}

int make_internal(int fd) noexcept {
    const int moved = static_cast<int>(syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, kInternalBase));
    next_close(fd);
    set_mark(moved, kInternalMark);
    return moved;
}

void close_internal(int fd) noexcept {
    if (fd >= 0) {
        set_mark(fd, 0);
        next_close(fd);
    }
}

bool adopt_device(int fd, const OpenFile& file) noexcept {
    const TableLock lock;
    auto* const entry = std::find_if(open_files.begin(), open_files.end(),
                                     [](const OpenFile& each) { return each.references == 0; });
    if (entry == open_files.end() || fd >= kMaxDescriptor) {
        return false;
    }
    *entry = file;
    replace_mark(fd, static_cast<Mark>(kFirstDeviceMark + (entry - open_files.begin())));
    return true;
}

bool adopt_pagemap(int fd) noexcept {
    const TableLock lock;
    replace_mark(fd, kPagemapMark);
    return fd < kMaxDescriptor;
}

bool adopt_ring(int fd) noexcept {
    const TableLock lock;
    replace_mark(fd, kRingMark);
    return fd < kMaxDescriptor;
}

int close_tracked(int fd) noexcept {
    if (mark_of(fd) == 0 || is_borrowed_by_vfork()) {
        return next_close(fd);
    }
    if (kind_of(fd) == FileKind::kInternal) {
        errno = EBADF;  // a program that closes all numbers must not close ours
        return -1;
    }
    const TableLock lock;
    replace_mark(fd, 0);  // before the number can be handed out again
    return next_close(fd);
}

int duplicate_tracked(int from, int to, int flags, Duplicate duplicate) noexcept {
    if ((mark_of(from) == 0 && mark_of(to) == 0) || is_borrowed_by_vfork()) {
        return duplicate(from, to, flags);
    }
    if (kind_of(from) == FileKind::kInternal || kind_of(to) == FileKind::kInternal) {
        errno = EBADF;
        return -1;
    }
    const TableLock lock;
    const int copy = duplicate(from, to, flags);
    if (copy >= 0 && copy != from) {
        replace_mark(copy, mark_of(from));
    }
    return copy;
}

void* map_tracked(OpenFile& file, void* hint, std::size_t length, int protection, int flags,
                  int fd) noexcept {
    const TableLock lock;
    void* const address = next_mmap(hint, length, protection, flags, fd, 0);
    if (address == MAP_FAILED) {
        return address;
    }
    remove_mappings(address_of(address), end_of(address, length), drop_reference);
    if (!add_mapping(address_of(address), end_of(address, length), file)) {
        next_munmap(address, length);
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return address;
}

int unmap_tracked(void* address, std::size_t length) noexcept {
    const TableLock lock;
    const int result = next_munmap(address, length);
    if (result == 0) {
        remove_mappings(address_of(address), end_of(address, length), drop_reference);
    }
    return result;
}

bool overlaps_device_mapping(const void* address, std::size_t length) noexcept {
    return may_overlap(address_of(address), end_of(address, length)) && !is_borrowed_by_vfork();
}

void forget_mappings(const void* address, std::size_t length) noexcept {
    const TableLock lock;
    remove_mappings(address_of(address), end_of(address, length), drop_reference);
}

}  // namespace vmbus::host::face
