// Device: one NIC that the kernel has bound to uio_hv_generic, as the bus hands it to a driver.
// Owned by the bus. Identity is set by the scan; the resources exist from map() to unmap().
// Control threads only, but for the mapped memory itself.
#pragma once

#include <bus_driver.h>
#include <dev_driver.h>
#include <rte_interrupts.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/mapping.hpp"
#include "base/placed.hpp"
#include "base/unique_fd.hpp"
#include "bus/vmbus/device_places.hpp"
#include "bus/vmbus/kernel_release.hpp"
#include "bus/vmbus/sub_channels.hpp"
#include "channel/channel.hpp"
#include "wire/guid.hpp"

namespace vmbus::bus {

struct Driver;

/// What sysfs says of a device.
struct Identity {
    std::string name;  ///< directory name: the instance GUID on all kernels since 4.18
    std::string sysfs_path;
    wire::Guid class_id{};
    wire::Guid instance_id{};
    std::uint32_t relid = 0;
    std::uint8_t monitor_id = wire::kNoMonitor;
    int numa_node = -1;
    int uio_number = -1;  ///< -1: not bound to uio_hv_generic
};

class Device {
public:
    explicit Device(Identity identity);
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    ~Device();

    const Identity& identity() const noexcept { return identity_; }
    const char* name() const noexcept { return identity_.name.c_str(); }
    rte_device& generic() noexcept { return handle_.generic; }
    /// The Device around a generic one of this bus.
    static Device& of(rte_device& generic) noexcept {
        return *reinterpret_cast<Handle*>(&generic)->owner;
    }

    bool bound() const noexcept { return identity_.uio_number >= 0; }
    /// What a later scan says of the same instance. Requires: !mapped().
    void refresh(Identity identity) noexcept;

    /// Opens /dev/uioN and maps all five regions. 0 or -errno, with the reason logged.
    [[gnu::visibility("default")]] int map() noexcept;
    [[gnu::visibility("default")]] void unmap() noexcept;
    bool mapped() const noexcept { return static_cast<bool>(uio_); }

    /// What is mapped now, sub-channels included. Requires: mapped().
    [[gnu::visibility("default")]] DevicePlaces places() const noexcept;
    /// Opens and maps what another process has, where it has it. 0 or -errno, with the reason in
    /// `problem`; EEXIST: an address is taken in this process. Channels are not opened here.
    [[gnu::visibility("default")]] int map_as(const DevicePlaces& places,
                                              std::string& problem) noexcept;

    /// Requires: mapped().
    base::MutableBytes region(Map map) const noexcept {
        return maps_[static_cast<std::size_t>(map)].bytes();
    }
    /// The region no longer goes with unmap(): its mapping is the caller's. Requires: mapped().
    base::Mapping take_region(Map map) noexcept {
        return std::move(maps_[static_cast<std::size_t>(map)]);
    }
    /// GPADL handles of the two buffers: what NVSP calls them.
    std::uint32_t receive_gpadl() const noexcept { return receive_gpadl_; }
    std::uint32_t send_gpadl() const noexcept { return send_gpadl_; }
    int uio_fd() const noexcept { return uio_.get(); }
    /// Set up for the UIO file while mapped; for rte_intr_callback_register().
    rte_intr_handle* interrupt_handle() const noexcept { return interrupt_handle_; }

    /// The primary channel's rings and doorbell. Requires: mapped(). The object must not outlive
    /// the mapping. Host interrupts are masked. nullptr and a log line when the rings are unusable.
    [[gnu::visibility("default")]] base::Placed<channel::GuestChannel> open_primary_channel(
        ring::Publication mode) noexcept;

    /// The channels besides the primary, 1 to `count`, in order and without a gap, as many as the
    /// kernel shows within `patience` and, as far as `signals` has it, can signal; what is missing
    /// or odd is logged. Requires: mapped(), and that the host was asked for them. The objects must
    /// not outlive the mapping.
    [[gnu::visibility("default")]] std::vector<base::Placed<channel::GuestChannel>>
    open_sub_channels(std::uint16_t count, std::chrono::milliseconds patience,
                      ring::Publication mode, SubChannelTrust signals) noexcept;
    /// How soon the host looks at the monitor bits of the open channels, in its units of 100 ns.
    /// Channels without a bit are signalled at once. Requires: mapped().
    [[gnu::visibility("default")]] void set_latency(std::uint16_t latency) noexcept;

    /// Whether the kernel still lists the device: false after the host took it away, also when it
    /// has offered it anew since.
    [[gnu::visibility("default")]] bool present() const noexcept;

    /// A page of the device is gone (SIGBUS at `address`), as the kernel takes them away with the
    /// device: zeroes take its place, so that who looks at it lives to hear of the removal. False:
    /// it is none of the device's. From a signal handler.
    bool replace_lost(const void* address) noexcept;

    const Driver* driver = nullptr;  ///< set by the bus while probed
    void* driver_data = nullptr;     ///< the driver's own, from probe to remove
    bool told_unbound = false;       ///< the bus's: the user was told once that it is not bound

private:
    /// What EAL points at, first, and the way back from it.
    struct Handle {
        rte_device generic;
        Device* owner;
    };
    static_assert(std::is_standard_layout_v<Handle>,
                  "of() goes from the first member to the whole");

    int set_up(std::string& problem) noexcept;
    int open_uio(std::string& problem) noexcept;
    int map_places(const DevicePlaces& places) noexcept;
    int make_interrupt_handle() noexcept;
    bool can_signal(std::uint16_t index, SubChannelTrust signals) const noexcept;
    base::Placed<channel::GuestChannel> make_channel(base::MutableBytes both, std::uint32_t relid,
                                                     std::uint8_t monitor_id,
                                                     ring::Publication mode) noexcept;
    channel::GuestDoorbell doorbell(std::uint32_t relid, std::uint8_t monitor_id) const noexcept;

    Identity identity_;
    Handle handle_{};
    base::UniqueFd uio_;
    std::array<base::Mapping, kMaps> maps_;
    SubChannels sub_channels_;
    std::uint32_t receive_gpadl_ = 0;
    std::uint32_t send_gpadl_ = 0;
    rte_intr_handle* interrupt_handle_ = nullptr;
};

}  // namespace vmbus::bus
