// Mapping: a shared mapping of a file that unmaps itself, and page arithmetic.
// Owned by one object; the memory may be used by any thread while the owner lives.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace vmbus::base {

/// The page of the hypervisor's interface, whatever the page size of the guest kernel is.
inline constexpr std::size_t kHvPageSize = 4096;

/// The kernel's page size: the unit of mmap offsets and of the gap before ring data.
std::size_t system_page_size() noexcept;

/// `n` rounded up to whole system pages.
std::size_t round_up_to_pages(std::size_t n) noexcept;

class Mapping {
public:
    Mapping() = default;
    Mapping(Mapping&& other) noexcept;
    Mapping& operator=(Mapping&& other) noexcept;
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping() { reset(); }

    /// Maps `length` bytes of `fd`, shared, readable and writable.
    /// `hint` is a wish for the address, nullptr for none. Errors: those of mmap(2).
    static Result<Mapping> map_shared(int fd, std::size_t length, off_t offset = 0,
                                      void* hint = nullptr) noexcept;

    /// The same at exactly that address. EEXIST when something lies there already.
    static Result<Mapping> map_shared_at(std::uintptr_t address, int fd, std::size_t length,
                                         off_t offset = 0) noexcept;

    std::byte* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }
    MutableBytes bytes() const noexcept { return {data_, size_}; }
    explicit operator bool() const noexcept { return data_ != nullptr; }

    bool contains(const void* address) const noexcept;
    /// Puts private zeroes in place of what is mapped, at the same address, when the file's pages
    /// are gone. False when the kernel refuses. May be called from a signal handler.
    bool replace_by_zeroes() noexcept;

    void reset() noexcept;

private:
    Mapping(std::byte* data, std::size_t size) noexcept : data_(data), size_(size) {}

    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace vmbus::base
