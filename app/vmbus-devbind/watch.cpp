#include "watch.hpp"

#include <fmt/chrono.h>
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "status.hpp"

namespace vmbus::devbind {
namespace {

const Nic* find(const std::vector<Nic>& nics, const std::string& uuid) {
    const auto found =
        std::find_if(nics.begin(), nics.end(), [&](const Nic& nic) { return nic.uuid == uuid; });
    return found == nics.end() ? nullptr : &*found;
}

std::string driver_words(const Nic& nic) {
    if (nic.driver.empty()) {
        return "no driver";
    }
    const std::string& as = nic.on_uio() ? nic.uio : nic.ifname;
    return as.empty() ? nic.driver : fmt::format("{} as {}", nic.driver, as);
}

void compare(const Nic& was, const Nic& is, std::vector<Event>& events) {
    const auto add = [&](const char* word, std::string before, std::string now) {
        if (before != now) {
            events.push_back({word, fmt::format("{} -> {}", before, now), is});
        }
    };
    add("driver", driver_words(was), driver_words(is));
    if (!was.flags.empty() && !is.flags.empty()) {
        add("link", was.up() ? "up" : "down", is.up() ? "up" : "down");
    }
    add("vf", words_of(was.vf), words_of(is.vf));
    add("channels", std::to_string(was.channels), std::to_string(is.channels));
}

}  // namespace

std::vector<Event> events_between(const std::vector<Nic>& before, const std::vector<Nic>& now) {
    std::vector<Event> events;
    for (const Nic& was : before) {
        if (const Nic* is = find(now, was.uuid)) {
            compare(was, *is, events);
        } else {
            events.push_back({"removed", "was on " + driver_words(was), was});
        }
    }
    for (const Nic& is : now) {
        if (find(before, is.uuid) == nullptr) {
            events.push_back({"added", "on " + driver_words(is), is});
        }
    }
    return events;
}

std::vector<Event> events_at_start(const std::vector<Nic>& now) {
    std::vector<Event> events;
    events.reserve(now.size());
    for (const Nic& nic : now) {
        events.push_back({"present", "on " + driver_words(nic), nic});
    }
    return events;
}

std::string event_text(const Event& event, const std::string& time) {
    return fmt::format("{} {} {}: {}", time, event.nic.uuid, event.word, event.what);
}

nlohmann::ordered_json event_json(const Event& event, const std::string& time,
                                  const Surroundings& around) {
    return {{"schema", kJsonSchema},
            {"time", time},
            {"event", event.word},
            {"what", event.what},
            {"device", json_of(event.nic, around)}};
}

std::string time_now() {
    const auto now = std::chrono::system_clock::now();
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(now)), ms % 1000);
}

}  // namespace vmbus::devbind
