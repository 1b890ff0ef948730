// Internet checksums that a guest left to its NIC: the host computes them in a private copy of the
// frame, whatever stood there before, and verifies those of frames for the guest. Pure functions.
// Source: RFC 1071, RFC 8200 8.1; what a request may say: facts of the contract, docs/emulator.md.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "host/offload_config.hpp"

namespace vmbus::host {

/// The one's complement sum of the bytes, not yet inverted, added to `sum`.
std::uint32_t add_to_sum(std::uint32_t sum, base::Bytes bytes) noexcept;
/// Folds a sum into the 16 bits that go into a header, in the byte order of memory.
std::uint16_t fold_sum(std::uint32_t sum) noexcept;

/// Does what `request` (wire::TxChecksum bits and the transport offset) asks for. False when the
/// request contradicts the frame: then the frame is not to be sent. The frame has no VLAN tag in
/// line: hosts take 14 bytes for the Ethernet header.
bool complete_checksums(base::MutableBytes frame, std::uint32_t request) noexcept;

/// What a NIC that verifies these checksums says of a frame (wire::RxChecksum bits): nothing of
/// what it does not know, that is other protocols, fragments, IPv6 extension headers, UDP without a
/// checksum, and headers that do not fit. The frame has no VLAN tag in line.
std::uint32_t verify_checksums(base::Bytes frame, const ReceiveChecks& checks) noexcept;

}  // namespace vmbus::host
