// The two pages through which a guest signals the host, shared by all channels of a VM:
// the interrupt page (one bit a channel) and the monitor page (one bit a monitored channel, which
// the host looks at by itself, so that no hypercall is needed).
// Source: Linux include/linux/hyperv.h (struct hv_monitor_page), MS TLFS "monitored notification".
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/shared.hpp"
#include "wire/wire_type.hpp"

namespace vmbus::wire {

inline constexpr std::uint32_t kMonitorGroups = 4;
inline constexpr std::uint32_t kMonitorBitsPerGroup = 32;
inline constexpr std::uint32_t kMonitorBits = kMonitorGroups * kMonitorBitsPerGroup;
inline constexpr std::uint8_t kNoMonitor = 0xFF;

struct MonitorTriggerGroup {
    base::Shared<std::uint32_t> pending;  ///< guest sets bits, host takes them
    base::Shared<std::uint32_t> armed;
};
static_assert(sizeof(MonitorTriggerGroup) == 8);

struct MonitorParameter {
    std::uint32_t connection_id;
    std::uint16_t flag_number;
    std::uint16_t reserved;
};
static_assert(WireType<MonitorParameter> && sizeof(MonitorParameter) == 8);

struct MonitorPage {
    base::Shared<std::uint32_t> trigger_state;  ///< bit g: group g is looked at
    std::uint32_t reserved1;
    MonitorTriggerGroup trigger[kMonitorGroups];
    std::uint64_t reserved2[3];
    std::int32_t next_check[kMonitorGroups][kMonitorBitsPerGroup];
    std::uint16_t latency[kMonitorGroups][kMonitorBitsPerGroup];  ///< units of 100 ns
    std::uint64_t reserved3[32];
    MonitorParameter parameter[kMonitorGroups][kMonitorBitsPerGroup];
    std::uint8_t reserved4[1984];
};
static_assert(sizeof(MonitorPage) == 4096 && std::is_standard_layout_v<MonitorPage>);
static_assert(offsetof(MonitorPage, trigger) == 8);
static_assert(offsetof(MonitorPage, next_check) == 64);
static_assert(offsetof(MonitorPage, latency) == 576);
static_assert(offsetof(MonitorPage, parameter) == 1088);
static_assert(offsetof(MonitorPage, reserved4) == 2112);

/// Event bits by relid: the first half host to guest, the second half guest to host.
struct InterruptPage {
    base::Shared<std::uint32_t> host_to_guest[512];
    base::Shared<std::uint32_t> guest_to_host[512];
};
static_assert(sizeof(InterruptPage) == 4096 && std::is_standard_layout_v<InterruptPage>);
static_assert(offsetof(InterruptPage, guest_to_host) == 2048);

/// Relids a page of event bits can name.
inline constexpr std::uint32_t kMaxRelid = 2047;

}  // namespace vmbus::wire
