// GuestMemory: how the host reads what a guest names by guest-physical address: packets sent by
// GPA-direct, control messages in page buffers. The host only ever reads; what it writes, it writes
// into rings and buffers it shares.
//
// Owned by the host, on its poll thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"
#include "ring/gpa_list.hpp"

namespace vmbus::host {

using ring::GpaSpan;

class GuestMemory {
public:
    virtual ~GuestMemory() = default;

    /// Copies all of `out`, or returns false: some byte is not the guest's. `out` is then
    /// unspecified.
    virtual bool read(std::uint64_t gpa, base::MutableBytes out) noexcept = 0;

    /// The spans one after the other. Requires: `out` is as long as all of them together; else
    /// false.
    virtual bool gather(std::span<const GpaSpan> spans, base::MutableBytes out) noexcept = 0;
};

/// The memory of a process whose guest-physical addresses are its virtual ones (preload face), by
/// process_vm_readv: one system call for each kSpansPerCall spans. Needs the right to trace it,
/// which the preload library grants. The process must be alive and known by something that ends
/// with it: the number alone may be used again.
class ProcessMemory final : public GuestMemory {
public:
    static constexpr std::size_t kSpansPerCall = 128;

    explicit ProcessMemory(pid_t process) noexcept : process_(process) {}

    bool read(std::uint64_t gpa, base::MutableBytes out) noexcept override;
    bool gather(std::span<const GpaSpan> spans, base::MutableBytes out) noexcept override;

private:
    bool gather_some(std::span<const GpaSpan> spans, base::MutableBytes out) const noexcept;

    pid_t process_;
};

}  // namespace vmbus::host
