// Mode csum: a packet gets the addresses of the port and its peer, and new checksums of its IPv4
// header and of UDP or TCP over IPv4 or IPv6: from the port that sends it where that computes them,
// otherwise here. Left alone are fragments beyond their IP header, extension headers of IPv6, UDP
// without a checksum, and lengths that contradict the frame.
#pragma once

#include <rte_ether.h>

#include <cstddef>
#include <optional>

#include "measure/count.hpp"
#include "queue.hpp"
#include "work.hpp"

namespace netvsc_fwd {

/// Where the headers of a packet are, as far as checksums go.
struct Layers {
    std::uint16_t l2_bytes = 0;
    std::uint16_t l3_bytes = 0;
    bool v4 = false;
    std::uint8_t l4_protocol = 0;  ///< UDP or TCP; 0: nothing to compute behind the IP header
    std::uint16_t l4_bytes = 0;    ///< with the payload
};

/// `headers` is the first segment of a packet of `packet_bytes`.
std::optional<Layers> layers_of(std::span<const std::byte> headers, std::uint32_t packet_bytes);

/// Computes those of `which` (RTE_ETH_TX_OFFLOAD_*_CKSUM) that the packet has.
void compute_checksums(rte_mbuf& packet, const Layers& layers, std::uint64_t which);

/// Leaves those of `which` that the packet has to the port.
void request_checksums(rte_mbuf& packet, const Layers& layers, std::uint64_t which);

class Checksum final : public Work {
public:
    /// `offloads` are those that the sending port was configured with.
    Checksum(Queue to, std::uint64_t offloads, const rte_ether_addr& source,
             const rte_ether_addr& destination)
        : to_(to), offloads_(offloads), source_(source), destination_(destination) {}

    std::uint16_t arrived(std::span<rte_mbuf*> packets) override;
    void report(WorkReport& sum) const override;

private:
    void prepare(rte_mbuf& packet);
    void count_bad(const rte_mbuf& packet);

    const Queue to_;
    const std::uint64_t offloads_;
    const rte_ether_addr source_;
    const rte_ether_addr destination_;
    measure::Count bad_ip_;
    measure::Count bad_l4_;
};

}  // namespace netvsc_fwd
