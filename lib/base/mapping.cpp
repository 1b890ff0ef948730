#include "base/mapping.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

namespace vmbus::base {

std::size_t system_page_size() noexcept {
    return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t round_up_to_pages(std::size_t n) noexcept {
    const std::size_t page = system_page_size();
    return (n + page - 1) / page * page;
}

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
    if (this != &other) {
        reset();
        data_ = std::exchange(other.data_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

Result<Mapping> Mapping::map_shared(int fd, std::size_t length, off_t offset, void* hint) noexcept {
    void* at = ::mmap(hint, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
    if (at == MAP_FAILED) {
        return Result<Mapping>::error(errno);
    }
    return Mapping(static_cast<std::byte*>(at), length);
}

bool Mapping::contains(const void* address) const noexcept {
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    const auto begin = reinterpret_cast<std::uintptr_t>(data_);
    return at >= begin && at - begin < size_;
}

bool Mapping::replace_by_zeroes() noexcept {
    const int before = errno;  // a signal handler leaves it as it was
    const bool replaced =
        data_ != nullptr && ::mmap(data_, size_, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
    errno = before;
    return replaced;
}

Result<Mapping> Mapping::map_shared_at(std::uintptr_t address, int fd, std::size_t length,
                                       off_t offset) noexcept {
    void* const wanted = reinterpret_cast<void*>(address);  // NOLINT(*-int-to-ptr)
    void* const at = ::mmap(wanted, length, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_FIXED_NOREPLACE, fd, offset);
    if (at == MAP_FAILED) {
        return Result<Mapping>::error(errno);
    }
    if (at != wanted) {  // Linux before 4.17 takes the address for a wish
        ::munmap(at, length);
        return Result<Mapping>::error(EEXIST);
    }
    return Mapping(static_cast<std::byte*>(at), length);
}

void Mapping::reset() noexcept {
    if (data_ != nullptr) {
        ::munmap(data_, size_);
    }
    data_ = nullptr;
    size_ = 0;
}

}  // namespace vmbus::base
