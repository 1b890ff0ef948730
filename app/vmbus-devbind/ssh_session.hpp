// The SSH connection that this program was started over, if any.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "routes.hpp"

namespace vmbus::devbind {

struct SshSession {
    Address client;
    Address server;
};

/// "CLIENT PORT SERVER PORT", as sshd sets SSH_CONNECTION.
std::optional<SshSession> parse_ssh_connection(const std::string& text);

/// From our environment, or, as sudo leaves the variable out, from that of the nearest ancestor of
/// `parent` that has it.
std::optional<SshSession> find_ssh_session(const Tree& tree, const char* variable, pid_t parent);

}  // namespace vmbus::devbind
