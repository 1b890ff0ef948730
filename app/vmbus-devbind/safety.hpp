// What speaks against taking a NIC away from who has it now. Each danger has a word, which scripts
// read in `reasons`, and a sentence for people.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nic.hpp"
#include "routes.hpp"
#include "ssh_session.hpp"

namespace vmbus::devbind {

enum class Danger { kDefaultRoute, kSsh, kUp, kInUse };

/// "default-route", "ssh", "up", "in-use".
std::string_view word_of(Danger danger);
std::string_view sentence_of(Danger danger);
/// "has the default route, is up".
std::string sentence_of(const std::vector<Danger>& dangers);

/// What the rules look at beside the NIC itself.
struct Surroundings {
    std::vector<Route> routes;
    std::optional<SshSession> ssh;
    /// Interface and address, where the system can be asked; routes tell of most of them too.
    std::vector<std::pair<std::string, Address>> addresses;
};
/// `variable` is SSH_CONNECTION of our environment, or nullptr.
Surroundings read_surroundings(const Tree& tree, const char* variable);

/// Against binding: of a NIC on a kernel driver.
std::vector<Danger> dangers_of_binding(const Nic& nic, const Surroundings& around);

/// Processes that have /dev/uioN open: "4711 (dpdk-testpmd)". Of other users only root sees them.
std::vector<std::string> users_of(const Tree& tree, const std::string& uio);

}  // namespace vmbus::devbind
