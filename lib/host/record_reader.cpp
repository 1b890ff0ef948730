#include "host/record_reader.hpp"

#include <pcap/pcap.h>

namespace vmbus::host {
namespace {

constexpr std::uint64_t kNanoseconds = 1'000'000'000;

}  // namespace

std::unique_ptr<RecordReader> RecordReader::open(const std::string& file, std::string& why) {
    char error[PCAP_ERRBUF_SIZE] = "";
    pcap_t* opened =
        ::pcap_open_offline_with_tstamp_precision(file.c_str(), PCAP_TSTAMP_PRECISION_NANO, error);
    if (opened == nullptr) {
        why = error;
        return nullptr;
    }
    if (::pcap_datalink(opened) != kRecordLinkType) {
        ::pcap_close(opened);
        why = file + ": a capture of something else: no record of vmbus-host";
        return nullptr;
    }
    return std::unique_ptr<RecordReader>(new RecordReader(opened));
}

RecordReader::~RecordReader() {
    ::pcap_close(file_);
}

std::optional<Record> RecordReader::next() {
    pcap_pkthdr* head = nullptr;
    const u_char* bytes = nullptr;
    const int status = ::pcap_next_ex(file_, &head, &bytes);
    if (status != 1) {
        error_ = status == PCAP_ERROR ? ::pcap_geterr(file_) : "";
        return std::nullopt;
    }
    const auto time_ns = static_cast<std::uint64_t>(head->ts.tv_sec) * kNanoseconds +
                         static_cast<std::uint64_t>(head->ts.tv_usec);
    const auto record = parse_record(std::as_bytes(std::span(bytes, head->caplen)), time_ns);
    ++read_;
    if (!record) {
        error_ = "record " + std::to_string(read_) + " is none of version " +
                 std::to_string(kRecordVersion);
    }
    return record;
}

}  // namespace vmbus::host
