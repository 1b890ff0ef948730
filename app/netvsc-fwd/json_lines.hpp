// Statistics as JSON Lines: one object for each interval, one for the end. The fields are described
// in docs/netvsc-fwd.md. No effects.
#pragma once

#include <cstdint>
#include <string>

#include "snapshot.hpp"

namespace netvsc_fwd {

std::string json_interval(const Snapshot& now, const Snapshot& before,
                          std::uint64_t cycles_per_second);
std::string json_totals(const Snapshot& last, std::uint64_t cycles_per_second);

}  // namespace netvsc_fwd
