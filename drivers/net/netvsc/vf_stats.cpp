#include "net/netvsc/vf_stats.hpp"

#include <array>
#include <bit>
#include <utility>

namespace vmbus::netvsc {
namespace {

using Fields = std::array<std::uint64_t, sizeof(rte_eth_stats) / sizeof(std::uint64_t)>;
static_assert(sizeof(Fields) == sizeof(rte_eth_stats), "every field of it is a 64-bit count");

}  // namespace

void add_stats(rte_eth_stats& to, const rte_eth_stats& what, std::int64_t sign) noexcept {
    auto sum = std::bit_cast<Fields>(to);
    const auto fields = std::bit_cast<Fields>(what);
    for (std::size_t i = 0; i < sum.size(); ++i) {
        sum[i] += static_cast<std::uint64_t>(sign) * fields[i];
    }
    to = std::bit_cast<rte_eth_stats>(sum);
}

void VfStats::begin(std::uint16_t port) noexcept {
    const std::lock_guard guard(mutex_);
    port_ = port;
    at_begin_ = {};
    last_ = {};
    rte_eth_stats_get(port, &at_begin_);
}

rte_eth_stats VfStats::since_begin() const noexcept {
    rte_eth_stats now{};
    if (port_ && rte_eth_stats_get(*port_, &now) == 0) {
        add_stats(now, at_begin_, -1);
        last_ = now;
    }
    return last_;
}

void VfStats::end() noexcept {
    const std::lock_guard guard(mutex_);
    add_stats(before_, since_begin());
    last_ = {};
    port_.reset();
}

void VfStats::lose() noexcept {
    const std::lock_guard guard(mutex_);
    add_stats(before_, std::exchange(last_, {}));
    port_.reset();
}

rte_eth_stats VfStats::read() const noexcept {
    const std::lock_guard guard(mutex_);
    rte_eth_stats all = before_;
    add_stats(all, since_begin());
    return all;
}

void VfStats::reset() noexcept {
    const std::lock_guard guard(mutex_);
    before_ = {};
    last_ = {};
    if (port_) {
        rte_eth_stats_get(*port_, &at_begin_);
    }
}

}  // namespace vmbus::netvsc
