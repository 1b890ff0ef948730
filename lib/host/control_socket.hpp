// Where a running host is spoken to: the path of its control socket, and both ends of making it.
// The socket lies in a folder that only its owner may enter. Messages are lines
// (control_server.hpp, control_client.hpp). Any thread.
#pragma once

#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace vmbus::host {

/// Below $XDG_RUNTIME_DIR, else in a folder of this user's below /tmp.
std::string default_control_path();

/// A listening socket, not blocking. Makes the folder, mode 0700, where it is missing. Errors:
/// EPERM when the folder is not this user's alone; EADDRINUSE when another host answers there.
base::Result<base::UniqueFd> listen_for_control(const std::string& path) noexcept;

/// Connected and blocking. Errors: those of connect(2); ENAMETOOLONG.
base::Result<base::UniqueFd> connect_to_control(const std::string& path) noexcept;

}  // namespace vmbus::host
