// Which NIC a word of the command line means: an interface name (of a bound NIC the one it had), a
// MAC address, a UUID, or the beginning of one of the latter two that only one NIC has. The
// beginning of an interface name is no name: with eth1 gone, "eth1" must not become eth10.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "nic.hpp"

namespace vmbus::devbind {

/// Fewer hex digits than this are no beginning.
inline constexpr std::size_t kShortestPrefix = 4;

/// Positions in `nics`: none, one, or all that a prefix fits.
std::vector<std::size_t> matching(const std::vector<Nic>& nics, const std::string& word);

}  // namespace vmbus::devbind
