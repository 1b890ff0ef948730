// Modes io, mac, macswap and rxonly: a burst is passed on as it is or with other Ethernet
// addresses, or not at all. Packets shorter than an Ethernet header stay as they are.
#pragma once

#include <rte_ether.h>

#include "work.hpp"

namespace netvsc_fwd {

class PassOn final : public Work {
public:
    std::uint16_t arrived(std::span<rte_mbuf*> packets) override {
        return static_cast<std::uint16_t>(packets.size());
    }
};

/// From `source` to `destination`.
class Readdress final : public Work {
public:
    Readdress(const rte_ether_addr& source, const rte_ether_addr& destination)
        : source_(source), destination_(destination) {}
    std::uint16_t arrived(std::span<rte_mbuf*> packets) override;

private:
    const rte_ether_addr source_;
    const rte_ether_addr destination_;
};

class SwapAddresses final : public Work {
public:
    std::uint16_t arrived(std::span<rte_mbuf*> packets) override;
};

class Free final : public Work {
public:
    std::uint16_t arrived(std::span<rte_mbuf*> packets) override {
        rte_pktmbuf_free_bulk(packets.data(), static_cast<unsigned>(packets.size()));
        return 0;
    }
};

}  // namespace netvsc_fwd
