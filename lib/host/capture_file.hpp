// CaptureFile: the file under a capture: records through a buffer, the file's old content gone with
// the first flush. After the first error it writes no more, leaves a file that ends with a whole
// record where the system lets it, and counts every frame that is missing. Host thread only.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "base/unique_fd.hpp"

namespace vmbus::host {

class CaptureFile {
public:
    static constexpr std::size_t kBufferBytes = 256U << 10;
    /// Of a frame. Any record fits into an empty buffer.
    static constexpr std::uint32_t kSnapLength = 128U << 10;

    /// `file` is open for writing at its start.
    CaptureFile(std::string name, base::UniqueFd file);

    /// Before a frame's record of `bytes`: false when it cannot be written, and the frame is lost.
    bool begin_record(std::size_t bytes) noexcept;
    void lose() noexcept { ++lost_; }
    /// Requires: there is room.
    void append(base::Bytes bytes) noexcept;
    void append_zeros(std::size_t bytes) noexcept;
    void end_record() noexcept { ++buffered_frames_; }

    /// Everything written so far, and be it nothing, is in the file, which is a whole one.
    void flush() noexcept;

    std::uint64_t written() const noexcept { return written_; }  ///< frames in the file
    std::uint64_t lost() const noexcept { return lost_; }
    /// What went wrong, in one line; once.
    std::string take_error() noexcept { return std::exchange(error_, {}); }

private:
    void fail(int error) noexcept;
    int begin_file() noexcept;
    int write_out() noexcept;

    const std::string name_;
    base::UniqueFd file_;  // none after an error
    std::vector<std::byte> buffer_;
    std::size_t filled_ = 0;
    std::uint64_t buffered_frames_ = 0;
    std::uint64_t file_bytes_ = 0;  // whole records in the file end here
    bool begun_ = false;
    std::uint64_t written_ = 0;
    std::uint64_t lost_ = 0;
    std::string error_;
};

}  // namespace vmbus::host
