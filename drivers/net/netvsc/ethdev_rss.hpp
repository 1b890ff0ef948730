// Receive-side scaling in the words of ethdev and of the host. Pure; control threads.
#pragma once

#include <rte_ethdev.h>

#include <cstdint>
#include <span>
#include <vector>

#include "net/netvsc/control/rss.hpp"

namespace vmbus::netvsc {

struct HashName {
    std::uint32_t type;  ///< wire::NdisHash
    std::uint64_t flag;  ///< RTE_ETH_RSS_*
};
inline constexpr HashName kHashNames[] = {
    {wire::kNdisHashIpv4, RTE_ETH_RSS_IPV4},
    {wire::kNdisHashTcpIpv4, RTE_ETH_RSS_NONFRAG_IPV4_TCP},
    {wire::kNdisHashUdpIpv4, RTE_ETH_RSS_NONFRAG_IPV4_UDP},
    {wire::kNdisHashIpv6, RTE_ETH_RSS_IPV6},
    {wire::kNdisHashTcpIpv6, RTE_ETH_RSS_NONFRAG_IPV6_TCP},
    {wire::kNdisHashUdpIpv6, RTE_ETH_RSS_NONFRAG_IPV6_UDP},
    {wire::kNdisHashIpv6Ex, RTE_ETH_RSS_IPV6_EX},
    {wire::kNdisHashTcpIpv6Ex, RTE_ETH_RSS_IPV6_TCP_EX},
    {wire::kNdisHashUdpIpv6Ex, RTE_ETH_RSS_IPV6_UDP_EX},
};

constexpr std::uint32_t hash_types_of(std::uint64_t rss_flags) noexcept {
    std::uint32_t types = 0;
    for (const HashName& name : kHashNames) {
        types |= (rss_flags & name.flag) != 0 ? name.type : 0;
    }
    return types;
}

constexpr std::uint64_t rss_flags_of(std::uint32_t hash_types) noexcept {
    std::uint64_t flags = 0;
    for (const HashName& name : kHashNames) {
        flags |= (hash_types & name.type) != 0 ? name.flag : 0;
    }
    return flags;
}

/// A table that spreads over the first `lanes` channels. Requires: lanes > 0.
inline std::vector<std::uint16_t> even_table(std::uint16_t entries, std::uint16_t lanes) {
    std::vector<std::uint16_t> table(entries);
    for (std::uint16_t i = 0; i < entries; ++i) {
        table[i] = static_cast<std::uint16_t>(i % lanes);
    }
    return table;
}

/// Writes the entries that the update selects. False, with the table unchanged, when it is not of
/// the table's size or names a channel beyond `lanes`.
inline bool update_table(std::vector<std::uint16_t>& table, const rte_eth_rss_reta_entry64* update,
                         std::uint16_t size, std::uint16_t lanes) {
    std::vector<std::uint16_t> changed = table;
    for (std::uint16_t i = 0; i < size && size == table.size(); ++i) {
        const rte_eth_rss_reta_entry64& group = update[i / RTE_ETH_RETA_GROUP_SIZE];
        const unsigned at = i % RTE_ETH_RETA_GROUP_SIZE;
        if ((group.mask >> at & 1) == 0) {
            continue;
        }
        if (group.reta[at] >= lanes) {
            return false;
        }
        changed[i] = group.reta[at];
    }
    table = std::move(changed);
    return size == table.size();
}

inline void read_table(std::span<const std::uint16_t> table, rte_eth_rss_reta_entry64* out) {
    for (std::size_t i = 0; i < table.size(); ++i) {
        rte_eth_rss_reta_entry64& group = out[i / RTE_ETH_RETA_GROUP_SIZE];
        const std::size_t at = i % RTE_ETH_RETA_GROUP_SIZE;
        if ((group.mask >> at & 1) != 0) {
            group.reta[at] = table[i];
        }
    }
}

/// The same spread in a table of another size, as an update of all its entries: for a device beside
/// ours. Requires: a table.
inline std::vector<rte_eth_rss_reta_entry64> resized_table(const std::vector<std::uint16_t>& table,
                                                           std::uint16_t size) {
    constexpr std::size_t kGroup = RTE_ETH_RETA_GROUP_SIZE;
    std::vector<rte_eth_rss_reta_entry64> groups((size + kGroup - 1) / kGroup);
    for (std::size_t i = 0; i < size; ++i) {
        groups[i / kGroup].mask |= std::uint64_t{1} << (i % kGroup);
        groups[i / kGroup].reta[i % kGroup] = table[i % table.size()];
    }
    return groups;
}

}  // namespace vmbus::netvsc
