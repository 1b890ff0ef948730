#include "net/netvsc/guest_address.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "base/mapping.hpp"
#include "base/unique_fd.hpp"

namespace vmbus::netvsc {

std::optional<std::uint64_t> physical_address(const void* memory) noexcept {
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    const std::uint64_t page_size = base::system_page_size();
    const base::UniqueFd pagemap(::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC));
    std::uint64_t entry = 0;
    const auto at = static_cast<off_t>(address / page_size * sizeof entry);
    if (!pagemap || ::pread(pagemap.get(), &entry, sizeof entry, at) != sizeof entry) {
        return std::nullopt;
    }
    return physical_address(entry, address, page_size);
}

void page_frames(base::Bytes memory, std::span<std::uint64_t> frames) noexcept {
    const std::size_t page_size = base::system_page_size();
    for (std::size_t i = 0; i < frames.size(); ++i) {
        // Mappings of devices are filled in when they are looked at.
        static_cast<void>(*static_cast<const volatile std::byte*>(memory.data() + i * page_size));
        const auto address = physical_address(memory.data() + i * page_size);
        frames[i] = address.value_or(0) / page_size;
    }
}

}  // namespace vmbus::netvsc
