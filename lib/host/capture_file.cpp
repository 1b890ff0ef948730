#include "host/capture_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace vmbus::host {

CaptureFile::CaptureFile(std::string name, base::UniqueFd file)
    : name_(std::move(name)), file_(std::move(file)), buffer_(kBufferBytes) {}

bool CaptureFile::begin_record(std::size_t bytes) noexcept {
    if (file_ && buffer_.size() - filled_ < bytes) {
        flush();
    }
    lost_ += file_ ? 0 : 1;
    return static_cast<bool>(file_);
}

void CaptureFile::append(base::Bytes bytes) noexcept {
    std::memcpy(buffer_.data() + filled_, bytes.data(), bytes.size());
    filled_ += bytes.size();
}

void CaptureFile::append_zeros(std::size_t bytes) noexcept {
    std::memset(buffer_.data() + filled_, 0, bytes);
    filled_ += bytes;
}

void CaptureFile::flush() noexcept {
    if (!file_) {
        return;
    }
    if (const int error = begin_file(); error != 0) {
        fail(error);
        return;
    }
    if (const int error = write_out(); error != 0) {
        fail(error);
        return;
    }
    file_bytes_ += filled_;
    written_ += buffered_frames_;
    filled_ = 0;
    buffered_frames_ = 0;
}

/// Drops what the file held before. Devices such as /dev/null have nothing to drop.
int CaptureFile::begin_file() noexcept {
    struct stat state {};
    if (begun_) {
        return 0;
    }
    begun_ = true;
    const bool plain = ::fstat(file_.get(), &state) == 0 && S_ISREG(state.st_mode);
    return plain && ::ftruncate(file_.get(), 0) != 0 ? errno : 0;
}

int CaptureFile::write_out() noexcept {
    std::size_t done = 0;
    while (done < filled_) {
        const ssize_t got = ::write(file_.get(), buffer_.data() + done, filled_ - done);
        if (got < 0 && errno != EINTR) {
            return errno;
        }
        done += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    return 0;
}

void CaptureFile::fail(int error) noexcept {
    // Best effort: a reader then sees a shorter capture, not a broken one.
    static_cast<void>(::ftruncate(file_.get(), static_cast<off_t>(file_bytes_)) == 0);
    file_.reset();
    lost_ += buffered_frames_;
    error_ = name_ + ": " + std::strerror(error) + "; no more frames are written";
}

}  // namespace vmbus::host
