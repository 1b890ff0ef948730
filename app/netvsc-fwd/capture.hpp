// Capture: a pcap file with nanoseconds of what passes (--pcap-out). Any lcore; one at a time.
#pragma once

#include <pcap/pcap.h>
#include <rte_mbuf.h>

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace netvsc_fwd {

class Capture {
public:
    /// Throws std::runtime_error when the file cannot be made.
    explicit Capture(const std::string& file);

    void write(std::span<rte_mbuf* const> packets);

    /// Throws std::runtime_error when not all of it could be written.
    void close();

private:
    struct Closer {
        void operator()(pcap_t* format) const { pcap_close(format); }
        void operator()(pcap_dumper_t* dumper) const { pcap_dump_close(dumper); }
    };

    const std::string file_;
    std::mutex mutex_;
    std::vector<u_char> scratch_;  ///< for packets of several segments
    std::unique_ptr<pcap_t, Closer> format_;
    std::unique_ptr<pcap_dumper_t, Closer> dumper_;
};

}  // namespace netvsc_fwd
