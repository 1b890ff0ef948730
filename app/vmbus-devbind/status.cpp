#include "status.hpp"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "wire/guid.hpp"

namespace vmbus::devbind {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json json_of(const std::optional<Vf>& vf) {
    if (!vf) {
        return nullptr;
    }
    return {{"pci", or_null(vf->pci)},
            {"ifname", or_null(vf->ifname)},
            {"driver", or_null(vf->driver)},
            {"state", vf->up() ? "up" : "down"}};
}

/// A NIC that is bound already has nothing left to lose.
std::vector<Danger> reasons_of(const Nic& nic, const Surroundings& around) {
    return nic.on_uio() ? std::vector<Danger>() : dangers_of_binding(nic, around);
}

std::string verdict(const Nic& nic, const Surroundings& around) {
    if (nic.interrupted) {
        return "a change was interrupted: vmbus-devbind restore " + nic.uuid;
    }
    if (nic.on_uio()) {
        return "bound";
    }
    const auto reasons = reasons_of(nic, around);
    return reasons.empty() ? "safe to bind" : "not safe to bind: it " + sentence_of(reasons);
}

std::string block_of(const Nic& nic, const Surroundings& around) {
    std::string text = nic.uuid;
    if (!nic.ifname.empty()) {
        text += " if=" + nic.ifname;
    } else if (!nic.earlier_ifname.empty()) {
        text += " was=" + nic.earlier_ifname;
    }
    text += " mac=" + (nic.mac.empty() ? "unknown" : nic.mac);
    text += " drv=" + (nic.driver.empty() ? "none" : nic.driver);
    text += nic.uio.empty() ? "" : " uio=/dev/" + nic.uio;
    text += fmt::format(" numa={} channels={}{}\n", nic.numa, nic.channels,
                        nic.up() ? " *Active*" : "");
    text += fmt::format("    VF: {}\n    {}\n", words_of(nic.vf), verdict(nic, around));
    return text;
}

std::string section(const std::string& title, const std::vector<Nic>& nics,
                    const Surroundings& around, bool (*belongs)(const Nic&)) {
    std::string text = title + "\n" + std::string(title.size(), '=') + "\n";
    bool any = false;
    for (const Nic& nic : nics) {
        if (belongs(nic)) {
            text += block_of(nic, around);
            any = true;
        }
    }
    return any ? text : text + "<none>\n";
}

}  // namespace

std::string state_of(const Nic& nic) {
    if (nic.on_uio()) return "uio";
    if (nic.on_kernel_driver()) return "kernel";
    return nic.driver.empty() ? "unbound" : "other";
}

std::string words_of(const std::optional<Vf>& vf) {
    return vf ? fmt::format("{} ({}, {}, {})", vf->pci, vf->ifname, vf->driver,
                            vf->up() ? "up" : "down")
              : "none";
}

Json json_of(const Nic& nic, const Surroundings& around) {
    Json reasons = Json::array();
    for (const Danger danger : reasons_of(nic, around)) {
        reasons.push_back(word_of(danger));
    }
    return {{"uuid", nic.uuid},
            {"class", to_string(wire::kNicClass)},
            {"ifname", or_null(nic.ifname)},
            {"earlier_ifname", or_null(nic.earlier_ifname)},
            {"mac", or_null(nic.mac)},
            {"driver", or_null(nic.driver)},
            {"driver_override", or_null(nic.override_)},
            {"uio", or_null(nic.uio)},
            {"numa", nic.numa},
            {"channels", nic.channels},
            {"vf", json_of(nic.vf)},
            {"state", state_of(nic)},
            {"interrupted", nic.interrupted},
            {"safe_to_bind", reasons.empty()},
            {"reasons", reasons}};
}

Json status_json(const std::vector<Nic>& nics, const Surroundings& around) {
    Json devices = Json::array();
    for (const Nic& nic : nics) {
        devices.push_back(json_of(nic, around));
    }
    return {{"schema", kJsonSchema}, {"devices", devices}};
}

std::string status_text(const std::vector<Nic>& nics, const Surroundings& around) {
    return section("VMBus network devices on uio_hv_generic", nics, around,
                   [](const Nic& nic) { return nic.on_uio(); }) +
           "\n" +
           section("VMBus network devices on the kernel driver", nics, around,
                   [](const Nic& nic) { return nic.on_kernel_driver(); }) +
           "\n" + section("Other VMBus network devices", nics, around, [](const Nic& nic) {
               return !nic.on_uio() && !nic.on_kernel_driver();
           });
}

}  // namespace vmbus::devbind
