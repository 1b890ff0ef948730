// Words for the numbers of the protocol; a number that has none is shown as it is. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "wire/nvsp.hpp"
#include "wire/oid.hpp"
#include "wire/packet.hpp"
#include "wire/rndis.hpp"

namespace vmbus::codec {

std::string name_of(wire::PacketType type);
std::string name_of(wire::NvspType type);
std::string name_of(wire::NvspStatus status);
std::string name_of(wire::NvspVersion version);
std::string name_of(wire::RndisType type);
std::string name_of(wire::RndisStatus status);
std::string name_of(wire::Oid oid);

/// Names for the bits that are set, joined by '+'; "none" when none is. `names[i]` is bit i.
std::string bits_of(std::uint64_t bits, std::span<const char* const> names);

}  // namespace vmbus::codec
