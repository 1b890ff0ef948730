// The five regions that uio_hv_generic lets a NIC's owner map: what sysfs says of them, and the
// mappings. The GPADL handles of the two buffers stand in the names of their maps.
// Control threads only. Source: Linux drivers/uio/uio_hv_generic.c, drivers/uio/uio.c.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/mapping.hpp"
#include "bus/vmbus/device.hpp"

namespace vmbus::bus {

struct UioLayout {
    std::array<std::size_t, kMaps> sizes{};
    std::uint32_t receive_gpadl = 0;
    std::uint32_t send_gpadl = 0;
};

/// The handle in a name such as "recv:925200": decimal digits only. Nothing when the name does not
/// start with `prefix`, or goes on in another way.
std::optional<std::uint32_t> gpadl_in_name(std::string_view name, std::string_view prefix) noexcept;

/// Reads mapK/name and mapK/size below `maps_directory` for all five, and checks them.
/// 0, or -EINVAL with the reason in `problem`.
int read_layout(const std::string& maps_directory, UioLayout& layout,
                std::string& problem) noexcept;

/// Maps all five; on failure none stays mapped. 0, or -errno with the reason in `problem`.
int map_regions(int uio_fd, const UioLayout& layout, std::array<base::Mapping, kMaps>& maps,
                std::string& problem) noexcept;

}  // namespace vmbus::bus
