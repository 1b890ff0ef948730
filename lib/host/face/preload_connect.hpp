// The connection to the host that an open("/dev/uioN") makes: connect, receive the Hello and its
// descriptors.
//
// Part of the preload library, any thread.

#pragma once

#include "host/face/preload_files.hpp"

namespace vmbus::host::face {

/// The connected socket, the guest's file to be, and `file` filled in with internal descriptors.
/// -1 and errno: nothing is left open.
int connect_device(const char* socket_path, OpenFile& file) noexcept;

}  // namespace vmbus::host::face
