// What a misbehaving host does to the rings: packets that contradict themselves, indices that are
// none, words that are not its own to write. Each function asks the script and does what it says.
// Called by a channel that has a script; host thread only. Docs: docs/emulator.md, "Faults".
#pragma once

#include <cstdint>

#include "host/fault_engine.hpp"
#include "ring/memory.hpp"

namespace vmbus::host {

/// Before it is announced: the packet that starts at `start`, and ends at or before `end`.
void spoil_packet(ring::MappedRing& ring, std::uint32_t start, std::uint32_t end,
                  FaultPoint& faults) noexcept;

/// After it is announced: the host's write index. `start` is where the last packet begins.
void spoil_index(ring::MappedRing& ring, std::uint32_t start, FaultPoint& faults) noexcept;

/// The read index of the guest's ring, until the host publishes the right one.
void spoil_read_index(ring::MappedRing& from_guest, const FaultDetails& details) noexcept;

/// The words of both pages by which the host asks for signals.
void spoil_words(ring::MappedRing& from_guest, ring::MappedRing& to_guest, FaultPoint& faults,
                 Subject subject) noexcept;

}  // namespace vmbus::host
