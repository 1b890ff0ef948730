#include "capture.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <stdexcept>

namespace netvsc_fwd {
namespace {

constexpr int kLongest = 65535;

/// libpcap takes the nanoseconds of such a file where other files have microseconds.
timeval now_in_ns() {
    std::timespec now{};
    std::timespec_get(&now, TIME_UTC);
    return {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec};
}

}  // namespace

Capture::Capture(const std::string& file)
    : file_(file),
      scratch_(kLongest),
      format_(
          pcap_open_dead_with_tstamp_precision(DLT_EN10MB, kLongest, PCAP_TSTAMP_PRECISION_NANO)),
      dumper_(pcap_dump_open(format_.get(), file.c_str())) {
    if (dumper_ == nullptr) {
        throw std::runtime_error(pcap_geterr(format_.get()));
    }
}

void Capture::write(std::span<rte_mbuf* const> packets) {
    const std::lock_guard guard(mutex_);
    pcap_pkthdr header{};
    header.ts = now_in_ns();
    for (const rte_mbuf* packet : packets) {
        header.len = packet->pkt_len;
        header.caplen = std::min<bpf_u_int32>(packet->pkt_len, kLongest);
        const void* const bytes = rte_pktmbuf_read(packet, 0, header.caplen, scratch_.data());
        pcap_dump(reinterpret_cast<u_char*>(dumper_.get()), &header,
                  static_cast<const u_char*>(bytes));
    }
}

void Capture::close() {
    const bool written =
        pcap_dump_flush(dumper_.get()) == 0 && std::ferror(pcap_dump_file(dumper_.get())) == 0;
    dumper_.reset();
    if (!written) {
        throw std::runtime_error(file_ + ": not all packets could be written");
    }
}

}  // namespace netvsc_fwd
