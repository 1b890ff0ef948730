// Internet checksums that a guest left to its NIC: the host computes them in a private copy of the
// frame, whatever stood there before. Pure functions.
// Source: RFC 1071, RFC 8200 8.1; what a request may say: facts of the contract, docs/emulator.md.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace vmbus::host {

/// The one's complement sum of the bytes, not yet inverted, added to `sum`.
std::uint32_t add_to_sum(std::uint32_t sum, base::Bytes bytes) noexcept;
/// Folds a sum into the 16 bits that go into a header, in the byte order of memory.
std::uint16_t fold_sum(std::uint32_t sum) noexcept;

/// Does what `request` (wire::TxChecksum bits and the transport offset) asks for. False when the
/// request contradicts the frame: then the frame is not to be sent. The frame has no VLAN tag in
/// line: hosts take 14 bytes for the Ethernet header.
bool complete_checksums(base::MutableBytes frame, std::uint32_t request) noexcept;

}  // namespace vmbus::host
