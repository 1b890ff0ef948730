// Telemetry: the /netvsc commands of dpdk-telemetry. Ports are listed here while they exist; the
// telemetry thread looks at them under a lock that a port takes whenever its session goes or comes.
// Any thread. Docs: docs/nics/netvsc.md, "Telemetry".
#pragma once

#include <mutex>

namespace vmbus::netvsc {

class Port;

namespace telemetry {

/// Between these the telemetry thread may look at the port.
void add(Port& port) noexcept;
void remove(Port& port) noexcept;

/// Held while what telemetry looks at is taken apart or put together.
std::mutex& mutex() noexcept;

/// Once, when the driver is loaded.
void register_commands() noexcept;

}  // namespace telemetry
}  // namespace vmbus::netvsc
