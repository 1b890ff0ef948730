// What a forwarding mode does to a burst between receive and transmit, in the words of
// dpdk-testpmd. A value; the lcore that forwards.
#pragma once

#include <rte_ether.h>
#include <rte_mbuf.h>

#include <cstdint>
#include <span>

namespace netvsc_fwd {

enum class Mode : std::uint8_t {
    kIo,           ///< as they are
    kMac,          ///< from the sending port's address, to its peer's
    kMacSwap,      ///< source and destination exchanged
    kReceiveOnly,  ///< counted and freed
};

struct Work {
    Mode mode = Mode::kIo;
    rte_ether_addr source{};       ///< of kMac
    rte_ether_addr destination{};  ///< of kMac

    /// Returns how many of the packets are to be sent: all of them, or none, freed. Those shorter
    /// than an Ethernet header stay as they are.
    std::uint16_t operator()(std::span<rte_mbuf*> packets) const;
};

}  // namespace netvsc_fwd
