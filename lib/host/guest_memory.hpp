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
#include <vector>

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

/// The memory of a guest whose guest-physical addresses are virtual ones (preload face), by
/// process_vm_readv: one system call for each kSpansPerCall spans. Needs the right to trace it,
/// which the preload library grants.
///
/// A guest may be several processes that share their memory at the same addresses, primary and
/// secondaries; which of them sent a packet is not to be seen. Each is asked in turn, the one that
/// opened the device first coming first, until one has all the pages. The processes must be known
/// by something that ends with them: a number alone may be used again.
class ProcessMemory final : public GuestMemory {
public:
    static constexpr std::size_t kSpansPerCall = 128;

    explicit ProcessMemory(pid_t process) : processes_{process} {}

    /// Who they are from now on. At least one.
    void set_processes(std::span<const pid_t> processes) {
        processes_.assign(processes.begin(), processes.end());
    }

    bool read(std::uint64_t gpa, base::MutableBytes out) noexcept override;
    bool gather(std::span<const GpaSpan> spans, base::MutableBytes out) noexcept override;

private:
    bool gather_some(std::span<const GpaSpan> spans, base::MutableBytes out) const noexcept;

    std::vector<pid_t> processes_;
};

}  // namespace vmbus::host
