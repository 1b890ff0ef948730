// Mode icmpecho: whoever is asked for by ARP is at this port, and whoever is pinged answers. A
// request becomes its answer where it lies. With one 802.1Q tag or without.
#pragma once

#include <rte_ether.h>

#include <cstddef>

#include "work.hpp"

namespace netvsc_fwd {

/// Makes an answer of the request that starts with these bytes. False, and nothing changed, when it
/// is none, or is for nobody in particular (broadcast, multicast, a fragment).
bool answer_in_place(std::span<std::byte> headers, const rte_ether_addr& own);

class IcmpEcho final : public Work {
public:
    explicit IcmpEcho(const rte_ether_addr& own) : own_(own) {}
    std::uint16_t arrived(std::span<rte_mbuf*> packets) override;

private:
    const rte_ether_addr own_;
};

}  // namespace netvsc_fwd
