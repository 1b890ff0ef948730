// PcapFrames: all frames of a capture file, read through libpcap and checked when it is opened:
// Ethernet, whole, of a length that a NIC can carry. Constant afterwards; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"

namespace vmbus::host {

class PcapFrames {
public:
    /// Classic files with micro- or nanoseconds, and pcapng. Otherwise nothing, and one line that
    /// names the file.
    static std::optional<PcapFrames> load(const std::string& file, std::string& why);

    std::size_t size() const noexcept { return ends_.size(); }
    base::Bytes operator[](std::size_t index) const noexcept;

private:
    friend class PcapLoader;

    std::vector<std::byte> bytes_;
    std::vector<std::size_t> ends_;  // of each frame, in bytes_
};

}  // namespace vmbus::host
