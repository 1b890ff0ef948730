#include "host/pcap_writer.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace vmbus::host {
namespace {

constexpr std::size_t kBufferBytes = 256U << 10;
constexpr std::uint32_t kSnapLength = 128U << 10;

/// The file's and the record's header (draft-ietf-opsawg-pcap-05, sections 4 and 5).
struct FileHeader {
    std::uint32_t magic = 0xA1B2C3D4;
    std::uint16_t major = 2;
    std::uint16_t minor = 4;
    std::uint32_t reserved[2]{};
    std::uint32_t snap_length = kSnapLength;
    std::uint32_t link_type = 1;
};
static_assert(sizeof(FileHeader) == 24);

struct RecordHeader {
    std::uint32_t seconds;
    std::uint32_t microseconds;
    std::uint32_t captured;
    std::uint32_t length;
};
static_assert(sizeof(RecordHeader) == 16);
static_assert(kBufferBytes >= sizeof(FileHeader) + sizeof(RecordHeader) + kSnapLength,
              "any frame fits into an empty buffer");

}  // namespace

PcapWriter::PcapWriter(std::string name, base::UniqueFd file)
    : name_(std::move(name)), file_(std::move(file)), buffer_(kBufferBytes) {
    append(FileHeader{});
}

template <class T>
void PcapWriter::append(const T& value) noexcept {
    base::store_at(base::MutableBytes(buffer_), filled_, value);
    filled_ += sizeof value;
}

void PcapWriter::write(base::Bytes frame, std::uint64_t time_us) noexcept {
    if (!file_ || frame.size() > kSnapLength) {
        ++lost_;
        return;
    }
    if (buffer_.size() - filled_ < sizeof(RecordHeader) + frame.size()) {
        flush();
        if (!file_) {
            ++lost_;
            return;
        }
    }
    const auto length = static_cast<std::uint32_t>(frame.size());
    append(RecordHeader{static_cast<std::uint32_t>(time_us / 1'000'000),
                        static_cast<std::uint32_t>(time_us % 1'000'000), length, length});
    std::memcpy(buffer_.data() + filled_, frame.data(), frame.size());
    filled_ += frame.size();
    ++buffered_frames_;
}

void PcapWriter::flush() noexcept {
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
int PcapWriter::begin_file() noexcept {
    struct stat state {};
    if (begun_) {
        return 0;
    }
    begun_ = true;
    const bool plain = ::fstat(file_.get(), &state) == 0 && S_ISREG(state.st_mode);
    return plain && ::ftruncate(file_.get(), 0) != 0 ? errno : 0;
}

int PcapWriter::write_out() noexcept {
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

void PcapWriter::fail(int error) noexcept {
    // Best effort: a reader then sees a shorter capture, not a broken one.
    static_cast<void>(::ftruncate(file_.get(), static_cast<off_t>(file_bytes_)) == 0);
    file_.reset();
    lost_ += buffered_frames_;
    error_ = name_ + ": " + std::strerror(error) + "; no more frames are written";
}

}  // namespace vmbus::host
