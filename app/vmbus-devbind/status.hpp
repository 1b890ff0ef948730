// What `status` prints: NICs by what they are bound to, for people and as JSON (docs/devbind.md).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "nic.hpp"
#include "safety.hpp"

namespace vmbus::devbind {

inline constexpr int kJsonSchema = 1;

/// "uio", "kernel", "unbound", "other".
std::string state_of(const Nic& nic);

nlohmann::ordered_json json_of(const Nic& nic, const Surroundings& around);
nlohmann::ordered_json status_json(const std::vector<Nic>& nics, const Surroundings& around);
/// Without a line end.
std::string status_text(const std::vector<Nic>& nics, const Surroundings& around);

/// "0002:00:02.0 (enP2p0s2, mlx5_core, up)", or "none".
std::string words_of(const std::optional<Vf>& vf);

}  // namespace vmbus::devbind
