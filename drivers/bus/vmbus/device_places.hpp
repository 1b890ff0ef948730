// Where one process has mapped a device, for the others of the application, which must map it at
// the same addresses. Plain data, which may lie in shared memory. Control threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace vmbus::bus {

/// The five UIO maps, in the kernel's fixed order (drivers/uio/uio_hv_generic.c).
enum class Map : std::uint8_t { kRings, kInterruptPage, kMonitorPage, kReceiveBuffer, kSendBuffer };
inline constexpr std::size_t kMaps = 5;

struct MappedPlace {
    std::uintptr_t address = 0;
    std::size_t bytes = 0;
};
struct ChannelPlace {
    std::uint32_t relid = 0;
    MappedPlace rings{};
};

struct DevicePlaces {
    static constexpr std::size_t kMostSubChannels = 63;

    std::array<char, 64> name{};  ///< of the device
    int uio_number = -1;
    int uio_fd = -1;  ///< as the process that mapped it knows it
    std::array<MappedPlace, kMaps> maps{};
    std::size_t sub_channels = 0;
    std::array<ChannelPlace, kMostSubChannels> subs{};  ///< from sub-channel 1 on
};

}  // namespace vmbus::bus
