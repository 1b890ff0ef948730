#include "support/pcap_maker.hpp"

#include <pcap/pcap.h>
#include <tins/tins.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace vmbus::test {
namespace {

constexpr std::size_t kShortest = 60;
constexpr std::size_t kLongest = 1514;

enum class Kind : std::uint8_t { kUdp, kTcp, kUdp6, kTcp6, kArp, kVlanUdp, kVlanTcp6 };
constexpr std::size_t kKinds = 7;
constexpr std::array<std::size_t, kKinds> kHeaderBytes = {42, 54, 62, 74, 42, 46, 78};

struct Plan {
    Kind kind;
    std::size_t length;
    std::uint32_t index;
    std::uint8_t flavour;
};

/// A step that shares no factor with the number of lengths visits them all.
Plan plan_for(std::size_t index, std::uint8_t flavour) {
    Plan plan{static_cast<Kind>(index % kKinds),
              kShortest + index * 101 % (kLongest - kShortest + 1),
              static_cast<std::uint32_t>(index), flavour};
    if (plan.length < kHeaderBytes[index % kKinds] + sizeof plan.index) {
        plan.kind = Kind::kUdp;
    }
    return plan;
}

/// The index, and a pattern that a shifted or swapped byte breaks.
Tins::RawPDU payload_of(const Plan& plan) {
    std::vector<std::uint8_t> bytes(plan.length -
                                    kHeaderBytes[static_cast<std::size_t>(plan.kind)]);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = i < 4 ? static_cast<std::uint8_t>(plan.index >> (24 - 8 * i))
                         : static_cast<std::uint8_t>(i * 7 + plan.index + plan.flavour);
    }
    return Tins::RawPDU(bytes);
}

Tins::IP ip4(const Plan& plan) {
    return Tins::IP("192.0.2." + std::to_string(1 + plan.flavour), "198.51.100.1");
}
Tins::IPv6 ip6(const Plan& plan) {
    return Tins::IPv6("2001:db8::" + std::to_string(1 + plan.flavour), "2001:db8:1::1");
}
Tins::UDP udp(const Plan& plan) {
    return Tins::UDP(static_cast<std::uint16_t>(5000 + plan.index % 64), 4000);
}
Tins::TCP tcp(const Plan& plan) {
    Tins::TCP header(static_cast<std::uint16_t>(80 + plan.index % 64), 40000);
    header.seq(plan.index);
    return header;
}
Tins::ARP arp(const Plan& plan) {
    return Tins::ARP("192.0.2.1", "192.0.2." + std::to_string(1 + plan.flavour));
}

Tins::EthernetII ethernet(const Plan& plan) {
    return Tins::EthernetII("02:00:00:00:01:02",
                            "02:00:00:00:02:" + std::to_string(10 + plan.flavour % 90));
}

Tins::EthernetII packet_for(const Plan& plan) {
    const auto payload = payload_of(plan);
    const auto tag = Tins::Dot1Q(static_cast<std::uint16_t>(1 + plan.index % 4094));
    switch (plan.kind) {
        case Kind::kUdp: return ethernet(plan) / ip4(plan) / udp(plan) / payload;
        case Kind::kTcp: return ethernet(plan) / ip4(plan) / tcp(plan) / payload;
        case Kind::kUdp6: return ethernet(plan) / ip6(plan) / udp(plan) / payload;
        case Kind::kTcp6: return ethernet(plan) / ip6(plan) / tcp(plan) / payload;
        case Kind::kArp: return ethernet(plan) / arp(plan) / payload;
        case Kind::kVlanUdp: return ethernet(plan) / tag / ip4(plan) / udp(plan) / payload;
        case Kind::kVlanTcp6: return ethernet(plan) / tag / ip6(plan) / tcp(plan) / payload;
    }
    throw std::logic_error("unknown kind of frame");
}

}  // namespace

FrameBytes make_frame(std::size_t index, std::uint8_t flavour) {
    return packet_for(plan_for(index, flavour)).serialize();
}

void make_pcap(const std::string& file, std::size_t frames, std::uint8_t flavour) {
    Frames all;
    for (std::size_t i = 0; i < frames; ++i) {
        all.push_back(make_frame(i, flavour));
    }
    write_pcap(file, all);
}

void write_pcap(const std::string& file, const Frames& frames) {
    pcap_t* const format = pcap_open_dead(DLT_EN10MB, 65535);
    pcap_dumper_t* const dumper = pcap_dump_open(format, file.c_str());
    if (dumper == nullptr) {
        throw std::runtime_error(pcap_geterr(format));
    }
    for (std::size_t i = 0; i < frames.size(); ++i) {
        pcap_pkthdr header{};
        header.ts.tv_sec = 1'600'000'000;
        header.ts.tv_usec = static_cast<suseconds_t>(i % 1'000'000);
        header.caplen = header.len = static_cast<bpf_u_int32>(frames[i].size());
        pcap_dump(reinterpret_cast<u_char*>(dumper), &header, frames[i].data());
    }
    pcap_dump_close(dumper);
    pcap_close(format);
}

Frames read_pcap(const std::string& file, std::string& why) {
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    pcap_t* const pcap = pcap_open_offline(file.c_str(), error.data());
    if (pcap == nullptr) {
        why = file + ": " + error.data();
        return {};
    }
    Frames frames;
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    int got = 0;
    while ((got = pcap_next_ex(pcap, &header, &data)) == 1) {
        frames.emplace_back(data, data + header->caplen);
    }
    if (got == PCAP_ERROR) {
        why = file + ": " + pcap_geterr(pcap);
    }
    pcap_close(pcap);
    return frames;
}

std::string compare_pcaps(const std::string& left, const std::string& right) {
    std::string why;
    const auto a = read_pcap(left, why);
    const auto b = why.empty() ? read_pcap(right, why) : a;
    if (!why.empty()) {
        return why;
    }
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        const std::string which = "frame " + std::to_string(i + 1);
        if (a[i].size() != b[i].size()) {
            return which + " has " + std::to_string(a[i].size()) + " and " +
                   std::to_string(b[i].size()) + " bytes";
        }
        const auto at = std::mismatch(a[i].begin(), a[i].end(), b[i].begin()).first - a[i].begin();
        if (a[i] != b[i]) {
            return which + " differs at byte " + std::to_string(at);
        }
    }
    return a.size() == b.size()
               ? ""
               : std::to_string(a.size()) + " and " + std::to_string(b.size()) + " frames";
}

}  // namespace vmbus::test
