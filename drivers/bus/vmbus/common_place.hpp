// Where a device's memory is mapped so that other processes of the application can map it at the
// same addresses: far behind EAL's own memory, where all of them have nothing. An address that the
// kernel would choose lies among the libraries of this process, and perhaps of the others.
// Control threads only.
#pragma once

#include <sys/types.h>

#include <cstddef>

#include "base/mapping.hpp"

namespace vmbus::bus {

/// Maps `length` bytes of `fd`, shared. Where EAL has no memory yet, or nothing is free there, as
/// the kernel likes.
base::Result<base::Mapping> map_in_common_place(int fd, std::size_t length,
                                                off_t offset = 0) noexcept;

}  // namespace vmbus::bus
