#include "host/guest_memory.hpp"

#include <limits.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>

namespace vmbus::host {
namespace {

static_assert(ProcessMemory::kSpansPerCall <= IOV_MAX, "the kernel refuses longer vectors");

/// The bytes of the spans, or nothing that fits: `limit` + 1 as soon as they are more than `limit`.
std::size_t total_length(std::span<const GpaSpan> spans, std::size_t limit) noexcept {
    std::size_t left = limit;
    for (const GpaSpan& span : spans) {
        if (span.length > left) {
            return limit + 1;
        }
        left -= span.length;
    }
    return limit - left;
}

}  // namespace

bool ProcessMemory::read(std::uint64_t gpa, base::MutableBytes out) noexcept {
    const GpaSpan span{gpa, static_cast<std::uint32_t>(out.size())};
    return gather_some({&span, 1}, out);
}

bool ProcessMemory::gather(std::span<const GpaSpan> spans, base::MutableBytes out) noexcept {
    if (total_length(spans, out.size()) != out.size()) {
        return false;
    }
    while (!spans.empty()) {
        const auto some = spans.first(std::min(spans.size(), kSpansPerCall));
        const std::size_t length = total_length(some, out.size());
        if (!gather_some(some, out.first(length))) {
            return false;
        }
        spans = spans.subspan(some.size());
        out = out.subspan(length);
    }
    return true;
}

bool ProcessMemory::gather_some(std::span<const GpaSpan> spans,
                                base::MutableBytes out) const noexcept {
    std::array<iovec, kSpansPerCall> remote;
    std::transform(spans.begin(), spans.end(), remote.begin(), [](const GpaSpan& span) {
        // An address in another process.
        return iovec{reinterpret_cast<void*>(span.gpa), span.length};  // NOLINT(*-int-to-ptr)
    });
    const iovec local{out.data(), out.size()};
    // Stops at the first byte it cannot read: less than asked is a failure.
    return std::any_of(processes_.begin(), processes_.end(), [&](pid_t process) {
        return process_vm_readv(process, &local, 1, remote.data(), spans.size(), 0) ==
               static_cast<ssize_t>(out.size());
    });
}

}  // namespace vmbus::host
