#include "control.hpp"

#include <nlohmann/json.hpp>

#include "fault_file.hpp"
#include "report.hpp"

namespace vmbus::host {
namespace {

using Json = nlohmann::ordered_json;

std::string refusal(const std::string& why) {
    return Json{{"ok", false}, {"why", why}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string done() {
    return Json{{"ok", true}}.dump();
}

/// Nothing when the key is there and not a number below 2^31.
std::optional<unsigned> number_of(const Json& request, const char* key, unsigned otherwise) {
    if (!request.contains(key)) {
        return otherwise;
    }
    const Json& value = request[key];
    return value.is_number_unsigned() && value < 1U << 31 ? std::optional(value.get<unsigned>())
                                                          : std::nullopt;
}

std::string text_of(const Json& request, const char* key) {
    return request.contains(key) && request[key].is_string() ? request[key].get<std::string>() : "";
}

std::string inject_faults(Machine& machine, const Json& request) {
    std::vector<FaultScript> scripts;
    std::string why;
    if (!parse_faults(request.dump(), machine.nics().size(), scripts, why)) {
        return refusal(why);
    }
    for (std::size_t i = 0; i < scripts.size(); ++i) {
        if (!scripts[i].empty()) {
            machine.nics()[i]->nic().set_faults(scripts[i]);
        }
    }
    return done();
}

std::string act(Machine& machine, const Json& request) {
    const std::string action = text_of(request, "action");
    const auto nic = number_of(request, "nic", 0);
    const auto delay = number_of(request, "delay_ms", 500);
    if (!nic || !delay) {
        return refusal(R"("nic" and "delay_ms" are numbers)");
    }
    std::string why = "unknown action " + action;
    bool good = false;
    if (action == "link_up" || action == "link_down") {
        good = machine.set_link(*nic, action == "link_up", why);
    } else if (action == "vf_add" || action == "vf_remove") {
        good = machine.set_vf(*nic, action == "vf_add", why);
    } else if (action == "rescind") {
        good = machine.rescind(*nic, why);
    } else if (action == "offer") {
        good = machine.offer_again(*nic, why);
    } else if (action == "crash") {
        machine.restart(std::chrono::milliseconds(*delay));
        good = true;
    }
    return good ? done() : refusal(why);
}

}  // namespace

ControlAnswer Control::answer(const ControlPeer& peer, std::string_view text) {
    const Json request = Json::parse(text, nullptr, false);
    const std::string what = request.is_object() ? text_of(request, "do") : "";
    if (what == "status") {
        return {status()};
    }
    if (what == "attach") {
        guests_[peer.connection] = {peer.pid, text_of(request, "command")};
        return {Json{{"ok", true},
                     {"root", machine_.root()},
                     {"library", machine_.options().face_library}}
                    .dump(),
                machine_.report_fd()};
    }
    if (what == "inject") {
        Json rest = request;
        rest.erase("do");
        return {rest.contains("action") ? act(machine_, rest) : inject_faults(machine_, rest)};
    }
    return {refusal("not an object with \"do\": status, attach or inject")};
}

std::string Control::status() const {
    Json guests = Json::array();
    for (const auto& [connection, guest] : guests_) {
        guests.push_back({{"pid", guest.pid}, {"command", guest.command}});
    }
    Json answer = {{"ok", true}, {"kernel", machine_.options().kernel->name}, {"guests", guests}};
    answer.update(status_of(machine_));
    return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace vmbus::host
