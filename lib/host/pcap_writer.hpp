// PcapWriter: a capture file of Ethernet frames with microseconds, written in order. What happens
// on errors: capture_file.hpp. Host thread only.
#pragma once

#include "host/capture_file.hpp"

namespace vmbus::host {

class PcapWriter {
public:
    /// `file` is open for writing at its start. Its old content goes with the first flush().
    PcapWriter(std::string name, base::UniqueFd file);

    /// The frame may be memory that somebody changes meanwhile.
    void write(base::Bytes frame, std::uint64_t time_us) noexcept;
    void flush() noexcept { file_.flush(); }

    std::uint64_t written() const noexcept { return file_.written(); }  ///< into the file
    std::uint64_t lost() const noexcept { return file_.lost(); }
    std::string take_error() noexcept { return file_.take_error(); }

private:
    CaptureFile file_;
};

}  // namespace vmbus::host
