// Writes and reads one lap of packets of 40 bytes in bursts of 32, for callgrind to count:
// tools/bench collects inside measured_write or measured_read only. Prints the number of packets.
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "ring_peers.hpp"

namespace {

using namespace vmbus;

constexpr std::uint32_t kPayload = 40;

}  // namespace

template <class Ring>
[[gnu::noinline]] unsigned long measured_write(Ring& ring) {
    unsigned long packets = 0;
    while (const unsigned n = ring.write(bench::kMaxBurst)) {
        packets += n;
    }
    return packets;
}

template <class Ring>
[[gnu::noinline]] unsigned long measured_read(Ring& ring) {
    unsigned long packets = 0;
    while (const unsigned n = ring.read(bench::kMaxBurst)) {
        packets += n;
    }
    return packets;
}

namespace {

template <class Ring>
int lap(Ring& ring) {
    const unsigned long written = measured_write(ring);
    const unsigned long read = measured_read(ring);
    std::printf("%lu\n", written);
    return written == read ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view peer = argc == 2 ? argv[1] : "";
    if (peer == "upstream") {
        bench::UpstreamRing ring(kPayload);
        return lap(ring);
    }
    for (const auto& [name, mode] : {std::pair{"single", ring::Publication::kSingle},
                                     std::pair{"ordered", ring::Publication::kOrdered},
                                     std::pair{"relaxed", ring::Publication::kRelaxed}}) {
        if (peer == name) {
            bench::OurRing ring(kPayload, mode);
            return lap(ring);
        }
    }
    std::fprintf(stderr, "usage: ring_instructions upstream|single|ordered|relaxed\n");
    return EXIT_FAILURE;
}
