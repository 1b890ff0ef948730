#include "host/pcap_writer.hpp"

namespace vmbus::host {
namespace {

/// The file's and the record's header (draft-ietf-opsawg-pcap-05, sections 4 and 5).
struct FileHeader {
    std::uint32_t magic = 0xA1B2C3D4;
    std::uint16_t major = 2;
    std::uint16_t minor = 4;
    std::uint32_t reserved[2]{};
    std::uint32_t snap_length = CaptureFile::kSnapLength;
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
static_assert(CaptureFile::kBufferBytes >=
                  sizeof(FileHeader) + sizeof(RecordHeader) + CaptureFile::kSnapLength,
              "any frame fits into an empty buffer");

}  // namespace

PcapWriter::PcapWriter(std::string name, base::UniqueFd file)
    : file_(std::move(name), std::move(file)) {
    file_.append(base::bytes_of(FileHeader{}));
}

void PcapWriter::write(base::Bytes frame, std::uint64_t time_us) noexcept {
    if (frame.size() > CaptureFile::kSnapLength) {
        file_.lose();
        return;
    }
    if (!file_.begin_record(sizeof(RecordHeader) + frame.size())) {
        return;
    }
    const auto length = static_cast<std::uint32_t>(frame.size());
    file_.append(base::bytes_of(RecordHeader{static_cast<std::uint32_t>(time_us / 1'000'000),
                                             static_cast<std::uint32_t>(time_us % 1'000'000),
                                             length, length}));
    file_.append(frame);
    file_.end_record();
}

}  // namespace vmbus::host
