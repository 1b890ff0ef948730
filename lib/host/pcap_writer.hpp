// PcapWriter: a capture file of Ethernet frames with microseconds, written in order through a
// buffer of its own. After the first error it writes no more, leaves a file that ends with a whole
// frame where the system lets it, and counts every frame that is missing. Host thread only.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/unique_fd.hpp"

namespace vmbus::host {

class PcapWriter {
public:
    /// `file` is open for writing at its start. Its old content goes with the first flush().
    PcapWriter(std::string name, base::UniqueFd file);

    /// The frame may be memory that somebody changes meanwhile.
    void write(base::Bytes frame, std::uint64_t time_us) noexcept;

    /// Everything written so far, and be it nothing, is in the file, which is a whole one.
    void flush() noexcept;

    std::uint64_t written() const noexcept { return written_; }  ///< into the file
    std::uint64_t lost() const noexcept { return lost_; }

    /// What went wrong, in one line; once.
    std::string take_error() noexcept { return std::exchange(error_, {}); }

private:
    template <class T>
    void append(const T& value) noexcept;
    void fail(int error) noexcept;
    int begin_file() noexcept;
    int write_out() noexcept;

    const std::string name_;
    base::UniqueFd file_;  // none after an error
    std::vector<std::byte> buffer_;
    std::size_t filled_ = 0;
    std::uint64_t buffered_frames_ = 0;
    std::uint64_t file_bytes_ = 0;  // whole frames in the file end here
    bool begun_ = false;
    std::uint64_t written_ = 0;
    std::uint64_t lost_ = 0;
    std::string error_;
};

}  // namespace vmbus::host
