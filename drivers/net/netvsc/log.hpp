// The driver's log types: "pmd.net.netvsc.init" for what happens while a NIC comes and goes,
// "pmd.net.netvsc.driver" for the rest. EAL gives the same type to the same name, so the
// distribution's driver in the same process, which uses these names too, is no problem.
// One line per call, never on the data path. Any thread.
#pragma once

#include <rte_log.h>

#include <cstdarg>
#include <cstdint>
#include <cstdio>

namespace vmbus::netvsc {

enum class LogType : std::uint8_t { kInit, kDriver };

/// The numbers that EAL gave the types, once dpdk_ethdev.cpp has registered them.
inline constinit std::uint32_t log_types[2] = {RTE_LOGTYPE_PMD, RTE_LOGTYPE_PMD};

/// `level` is one of RTE_LOG_ERR and so on; the newline is added.
[[gnu::format(printf, 3, 4)]] inline void log_line(LogType type, std::uint32_t level,
                                                   const char* format, ...) noexcept {
    char line[256];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    rte_log(level, log_types[static_cast<std::size_t>(type)], "netvsc: %s\n", line);
}

}  // namespace vmbus::netvsc
