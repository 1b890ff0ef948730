// What changed between two pictures of the NICs, for `watch`.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "nic.hpp"
#include "safety.hpp"

namespace vmbus::devbind {

struct Event {
    std::string word;  // "present", "added", "removed", "driver", "link", "vf", "channels"
    std::string what;
    Nic nic;  // as it is now; of a removed one, as it was
};

std::vector<Event> events_between(const std::vector<Nic>& before, const std::vector<Nic>& now);
/// What there is at the start.
std::vector<Event> events_at_start(const std::vector<Nic>& now);

std::string event_text(const Event& event, const std::string& time);
nlohmann::ordered_json event_json(const Event& event, const std::string& time,
                                  const Surroundings& around);
/// "2026-01-31T12:00:00.123Z".
std::string time_now();

}  // namespace vmbus::devbind
