#include "host/recorder.hpp"

#include <pcap/pcap.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace vmbus::host {

std::unique_ptr<Recorder> Recorder::create(const std::string& file, std::string& why) {
    pcap_t* format = ::pcap_open_dead_with_tstamp_precision(
        kRecordLinkType, static_cast<int>(kMostRecordBytes), PCAP_TSTAMP_PRECISION_NANO);
    pcap_dumper_t* out = format == nullptr ? nullptr : ::pcap_dump_open(format, file.c_str());
    if (out == nullptr) {
        why = format == nullptr ? std::strerror(ENOMEM) : ::pcap_geterr(format);
        if (format != nullptr) {
            ::pcap_close(format);
        }
        return nullptr;
    }
    return std::unique_ptr<Recorder>(new Recorder(file, format, out));
}

Recorder::Recorder(std::string file, pcap* format, pcap_dumper* out)
    : file_(std::move(file)), format_(format), out_(out), buffer_(kMostRecordBytes) {}

Recorder::~Recorder() {
    ::pcap_dump_close(out_);
    ::pcap_close(format_);
}

void Recorder::nic(std::uint8_t number, std::string_view spec) noexcept {
    write(RecordKind::kNic, {.nic = number, .channel = 0},
          std::as_bytes(std::span(spec.data(), spec.size())));
}

base::MutableBytes Recorder::begin_packet(std::uint32_t packet_bytes) noexcept {
    packet_bytes_ = packet_bytes;
    data_bytes_ = 0;
    filled_ = sizeof(RecordHeader) + packet_bytes;
    return base::MutableBytes(buffer_).subspan(sizeof(RecordHeader), packet_bytes);
}

void Recorder::add_data(base::Bytes data) noexcept {
    const std::size_t kept = std::min(data.size(), buffer_.size() - filled_);
    std::copy_n(data.begin(), kept, buffer_.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += kept;
    data_bytes_ += static_cast<std::uint32_t>(data.size());
}

void Recorder::end_packet(RecordKind kind, RecordPlace place) noexcept {
    if (failed_) {
        return;
    }
    base::store_at(buffer_, 0,
                   RecordHeader{.version = kRecordVersion,
                                .kind = static_cast<std::uint8_t>(kind),
                                .nic = place.nic,
                                .reserved = 0,
                                .channel = place.channel,
                                .reserved2 = 0,
                                .packet_bytes = packet_bytes_,
                                .data_bytes = data_bytes_});
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    pcap_pkthdr head{};
    head.ts = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec};  // nanoseconds, as the file says
    head.caplen = static_cast<bpf_u_int32>(filled_);
    head.len = head.caplen;
    ::pcap_dump(reinterpret_cast<u_char*>(out_), &head,
                reinterpret_cast<const u_char*>(buffer_.data()));
    if (std::ferror(::pcap_dump_file(out_)) != 0) {
        failed_ = true;
        error_ = "--record " + file_ + ": " + std::strerror(errno);
        return;
    }
    ++written_;
}

void Recorder::write(RecordKind kind, RecordPlace place, base::Bytes packet) noexcept {
    const auto room = begin_packet(static_cast<std::uint32_t>(packet.size()));
    std::copy(packet.begin(), packet.end(), room.begin());
    end_packet(kind, place);
}

}  // namespace vmbus::host
