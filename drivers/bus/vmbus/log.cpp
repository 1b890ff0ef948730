#include "bus/vmbus/log.hpp"

#include <rte_common.h>

#include <cstdarg>
#include <cstdio>

namespace vmbus::bus {

namespace {

constinit int log_type = RTE_LOGTYPE_EAL;

// The built-in bus has a type of this name too: registering it twice gives the same number.
RTE_INIT_PRIO(register_log_type, LOG) {
    const int type = rte_log_register_type_and_pick_level("bus.vmbus", RTE_LOG_NOTICE);
    if (type >= 0) {
        log_type = type;
    }
}

}  // namespace

void log_line(std::uint32_t level, const char* format, ...) noexcept {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    rte_log(level, static_cast<std::uint32_t>(log_type), "VMBUS: %s\n", text);
}

}  // namespace vmbus::bus
