// Reading attributes of sysfs: small text files, one value each, newline at the end.
// Paths are whole, so that tests read a tree of their own. Control threads only.
// Formats: Linux drivers/hv/vmbus_drv.c, drivers/uio/uio.c.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "wire/guid.hpp"

namespace vmbus::bus::sysfs {

bool exists(const std::string& path) noexcept;

/// The first line, without its newline. Errors: those of open(2) and read(2); EFBIG when it is
/// longer than any attribute we know.
base::Result<std::string> read_line(const std::string& path) noexcept;

/// Decimal, or hexadecimal after 0x. EINVAL when the line is anything else.
base::Result<std::int64_t> read_number(const std::string& path) noexcept;

/// With or without braces. EINVAL when the line is anything else.
base::Result<wire::Guid> read_guid(const std::string& path) noexcept;

/// Names of the entries that do not start with a dot, sorted. Errors: those of opendir(3).
base::Result<std::vector<std::string>> list(const std::string& directory) noexcept;

/// The N of the directory uio/uioN of a device. Nothing when no UIO driver has it.
std::optional<int> uio_number(const std::string& device_directory) noexcept;

}  // namespace vmbus::bus::sysfs
