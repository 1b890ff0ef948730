#include "bus/vmbus/uio.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>

#include "bus/vmbus/common_place.hpp"
#include "bus/vmbus/sysfs.hpp"
#include "wire/ring_page.hpp"
#include "wire/signal_pages.hpp"

namespace vmbus::bus {

namespace {

struct Expected {
    std::string_view prefix;
    std::size_t least;
};

/// In the order of Map.
constexpr std::array<Expected, kMaps> kExpected = {{
    {"txrx_rings", 2 * (sizeof(wire::RingPage) + base::kHvPageSize)},
    {"int_page", sizeof(wire::InterruptPage)},
    {"monitor_page", sizeof(wire::MonitorPage)},
    {"recv:", 1},
    {"send:", 1},
}};

std::string map_name(std::size_t map) {
    return "map" + std::to_string(map);
}

bool read_map(const std::string& directory, std::size_t map, UioLayout& layout,
              std::string& problem) {
    const Expected& expected = kExpected[map];
    const auto name = sysfs::read_line(directory + "/name");
    if (!name || !name.value().starts_with(expected.prefix)) {
        problem = map_name(map) + " is '" + (name ? name.value() : std::strerror(name.error())) +
                  "' where '" + std::string(expected.prefix) + "' belongs";
        return false;
    }
    const auto size = sysfs::read_number(directory + "/size");
    if (!size || size.value() < static_cast<std::int64_t>(expected.least)) {
        problem = map_name(map) + " (" + name.value() + ") has no size of at least " +
                  std::to_string(expected.least) + " bytes";
        return false;
    }
    layout.sizes[map] = static_cast<std::size_t>(size.value());
    if (map >= static_cast<std::size_t>(Map::kReceiveBuffer)) {
        const auto gpadl = gpadl_in_name(name.value(), expected.prefix);
        if (!gpadl) {
            problem = map_name(map) + " (" + name.value() + ") names no GPADL handle";
            return false;
        }
        (map == static_cast<std::size_t>(Map::kReceiveBuffer) ? layout.receive_gpadl
                                                              : layout.send_gpadl) = *gpadl;
    }
    return true;
}

}  // namespace

std::optional<std::uint32_t> gpadl_in_name(std::string_view name,
                                           std::string_view prefix) noexcept {
    if (!name.starts_with(prefix)) {
        return std::nullopt;
    }
    std::uint32_t handle = 0;
    const char* end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + prefix.size(), end, handle);
    return error == std::errc{} && stop == end ? std::optional(handle) : std::nullopt;
}

int read_layout(const std::string& maps_directory, UioLayout& layout,
                std::string& problem) noexcept {
    for (std::size_t map = 0; map < kMaps; ++map) {
        if (!read_map(maps_directory + "/" + map_name(map), map, layout, problem)) {
            return -EINVAL;
        }
    }
    return 0;
}

int map_regions(int uio_fd, const UioLayout& layout, std::array<base::Mapping, kMaps>& maps,
                std::string& problem) noexcept {
    std::array<base::Mapping, kMaps> mapped;
    for (std::size_t map = 0; map < kMaps; ++map) {
        // The offset selects the map, in units of the system's pages; it is no place in a file.
        const auto offset = static_cast<off_t>(map * base::system_page_size());
        auto mapping = map_in_common_place(uio_fd, layout.sizes[map], offset);
        if (!mapping) {
            problem = map_name(map) + " cannot be mapped: " + std::strerror(mapping.error());
            return -mapping.error();
        }
        mapped[map] = std::move(mapping).value();
    }
    maps = std::move(mapped);
    return 0;
}

}  // namespace vmbus::bus
