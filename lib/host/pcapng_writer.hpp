// PcapngWriter: one capture file for all ports of a host, in which each frame says at which NIC it
// was seen, which way it went, and when, in nanoseconds. What happens on errors: capture_file.hpp.
// Host thread only. Format: draft-ietf-opsawg-pcapng.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "host/capture_file.hpp"

namespace vmbus::host {

class PcapngWriter {
public:
    /// As the interface sees it.
    enum class Way : std::uint32_t { kToGuest = 1, kFromGuest = 2 };

    /// `file` is open for writing at its start; its old content goes with the
    /// first flush(), and what is never flushed is not written.
    PcapngWriter(std::string name, base::UniqueFd file, const std::vector<std::string>& interfaces);
    ~PcapngWriter() = default;
    PcapngWriter(const PcapngWriter&) = delete;
    PcapngWriter& operator=(const PcapngWriter&) = delete;

    /// The frame may be memory that somebody changes meanwhile. `time_ns` since 1970.
    void write(std::uint32_t interface, Way way, base::Bytes frame, std::uint64_t time_ns) noexcept;
    void flush() noexcept { file_.flush(); }

    std::uint64_t lost() const noexcept { return file_.lost(); }
    std::string take_error() noexcept { return file_.take_error(); }

private:
    void describe(const std::string& interface);

    CaptureFile file_;
};

}  // namespace vmbus::host
