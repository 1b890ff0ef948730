// Capture files for tests: made from a number, the same on every machine, and compared frame by
// frame. Read and written through libpcap, not through the host's own code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vmbus::test {

using FrameBytes = std::vector<std::uint8_t>;
using Frames = std::vector<FrameBytes>;

/// Frame `index`: its length goes through 60..1514, its kind through IPv4, IPv6, ARP and VLAN with
/// TCP and UDP, checksums right; index and `flavour` stand in its bytes.
FrameBytes make_frame(std::size_t index, std::uint8_t flavour = 0);

/// Writes the frames 0 to `frames` - 1. Files of other flavours hold other frames.
void make_pcap(const std::string& file, std::size_t frames, std::uint8_t flavour = 0);

void write_pcap(const std::string& file, const Frames& frames);

/// Every frame, or nothing and a reason.
Frames read_pcap(const std::string& file, std::string& why);

/// The first difference in words, in the frames or in their number; empty when there is none.
/// Times do not count.
std::string compare_pcaps(const std::string& left, const std::string& right);

}  // namespace vmbus::test
