// The bus's log type, "bus.vmbus": one line per call, never on the data path.
// Any thread.
#pragma once

#include <rte_log.h>

#include <cstdint>

namespace vmbus::bus {

/// `level` is one of RTE_LOG_ERR and so on; the newline is added.
[[gnu::format(printf, 2, 3)]] void log_line(std::uint32_t level, const char* format, ...) noexcept;

}  // namespace vmbus::bus
