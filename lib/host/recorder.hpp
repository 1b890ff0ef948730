// Recorder: writes what crosses the rings of a host into a record file (record.hpp).
// Owned by the machine; host thread only. After the first error it writes no more and says so once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/record.hpp"

struct pcap;
struct pcap_dumper;

namespace vmbus::host {

class Recorder {
public:
    /// Begins the file. nullptr and one line in `why` when the system refuses.
    static std::unique_ptr<Recorder> create(const std::string& file, std::string& why);
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    /// `spec` is what `--nic` was given.
    void nic(std::uint8_t number, std::string_view spec) noexcept;
    void opened(RecordPlace place) noexcept { write(RecordKind::kOpened, place, {}); }
    void closed(RecordPlace place) noexcept { write(RecordKind::kClosed, place, {}); }

    /// A packet is written in two steps: room for its bytes first, which the caller fills.
    /// Requires: `packet_bytes` + sizeof(RecordHeader) <= kMostRecordBytes.
    base::MutableBytes begin_packet(std::uint32_t packet_bytes) noexcept;
    /// The bytes that the packet points to, piece by piece.
    void add_data(base::Bytes data) noexcept;
    void end_packet(RecordKind kind, RecordPlace place) noexcept;

    std::uint64_t written() const noexcept { return written_; }
    /// What went wrong, in one line; once.
    std::string take_error() noexcept { return std::exchange(error_, {}); }

private:
    Recorder(std::string file, pcap* format, pcap_dumper* out);
    void write(RecordKind kind, RecordPlace place, base::Bytes packet) noexcept;

    const std::string file_;
    pcap* const format_;
    pcap_dumper* const out_;
    std::vector<std::byte> buffer_;  ///< one packet of the file
    std::size_t filled_ = 0;
    std::uint32_t packet_bytes_ = 0;
    std::uint32_t data_bytes_ = 0;
    std::uint64_t written_ = 0;
    std::string error_;
    bool failed_ = false;
};

}  // namespace vmbus::host
