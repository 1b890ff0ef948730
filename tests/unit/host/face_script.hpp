// What the probe (face_probe.cpp) and its host (uio_device_test.cpp) have agreed on.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vmbus::host::script {

inline constexpr std::size_t kRingsSize = 64 * 1024;

constexpr std::size_t size_of(std::size_t map) {
    return map == 0 ? kRingsSize : map < 3 ? 4096 : 1024 * 1024;
}

/// The host puts it into the first word of each map.
constexpr std::uint64_t mark_of(std::size_t map) {
    return 0x1122'3344'5566'7700 + map;
}

// Words of map 0.
inline constexpr std::size_t kPhaseWord = 1;    // guest: how far it got with letting go
inline constexpr std::size_t kAddressWord = 2;  // guest: where its text is
inline constexpr std::size_t kAnswerWord = 3;   // host: the text, 24 bytes

// What the guest writes to the device, and what the host does then.
inline constexpr std::int32_t kRaiseThree = 1;  // three events before the write returns
inline constexpr std::int32_t kRaiseLater = 2;  // one event, after the write has returned
inline constexpr std::int32_t kReadMemory = 3;  // copy the text
inline constexpr std::int32_t kRescind = 4;
inline constexpr std::int32_t kCutOff = 5;  // what older kernels do at a rescind

/// What stat() says of `ring`, as on kernels that do not know.
inline constexpr std::size_t kToldRingSize = 4 << 20;
/// What uname() says.
inline constexpr char kToldRelease[] = "6.18.0-told";

}  // namespace vmbus::host::script
