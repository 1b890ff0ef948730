#include "persist.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "whole_file.hpp"
#include "wire/guid.hpp"

namespace vmbus::devbind {
namespace {

constexpr std::string_view kFolder = "/etc/driverctl.d";
constexpr std::string_view kPrefix = "vmbus-";

std::string file_of(const std::string& uuid) {
    return fmt::format("{}/{}{}", kFolder, kPrefix, uuid);
}

}  // namespace

std::string persisted_driver(const Tree& tree, const std::string& uuid) {
    return tree.line(file_of(uuid));
}

std::vector<std::string> persisted_uuids(const Tree& tree) {
    std::vector<std::string> uuids;
    for (const auto& name : tree.list(kFolder)) {
        const std::string uuid = name.starts_with(kPrefix) ? name.substr(kPrefix.size()) : "";
        if (wire::parse_guid(uuid) && persisted_driver(tree, uuid) == kUioDriver) {
            uuids.push_back(uuid);
        }
    }
    return uuids;
}

bool has_driverctl(const Tree& tree) {
    constexpr std::array kPlaces = {"/usr/sbin/driverctl", "/sbin/driverctl", "/usr/bin/driverctl"};
    return std::any_of(kPlaces.begin(), kPlaces.end(),
                       [&](const char* place) { return tree.exists(place); });
}

Persistence::Persistence(const Tree& tree, ChangeOptions options, Voice voice)
    : tree_(tree), options_(options), voice_(std::move(voice)) {}

Exit Persistence::fail(const std::string& file, int error) const {
    const bool privilege = error == EACCES || error == EPERM || error == EROFS;
    voice_.say(
        fmt::format("{}: {}{}", file, std::strerror(error), privilege ? " (this needs root)" : ""));
    return privilege ? Exit::kMissing : Exit::kFailed;
}

Exit Persistence::persist(const std::vector<Nic>& nics, const Surroundings& around) const {
    for (const Nic& nic : nics) {
        auto dangers = dangers_of_binding(nic, around);
        std::erase(dangers, Danger::kUp);  // nothing is taken away now
        if (!dangers.empty() && !options_.force) {
            voice_.say(
                fmt::format("{}: refused: it {}, which would not come back after a reboot "
                            "(--force persists it nevertheless)",
                            nic.name(), sentence_of(dangers)));
            return Exit::kRefused;
        }
        if (!nic.can_override) {
            voice_.say(
                fmt::format("{}: this kernel has no driver_override (Linux 4.18 has)", nic.name()));
            return Exit::kMissing;
        }
    }
    for (const Nic& nic : nics) {
        if (const Exit exit = write_one(nic); exit != Exit::kOk) {
            return exit;
        }
    }
    if (!nics.empty() && !has_driverctl(tree_)) {
        voice_.say(
            "driverctl, which applies it at boot, is not installed: "
            "apt-get install driverctl");
    }
    return Exit::kOk;
}

Exit Persistence::write_one(const Nic& nic) const {
    const std::string name = file_of(nic.uuid);
    const std::string file = tree_.path(name);
    if (persisted_driver(tree_, nic.uuid) == kUioDriver) {
        voice_.say(fmt::format("{}: already persisted", nic.name()));
        return Exit::kOk;
    }
    if (options_.dry_run) {
        voice_.print(fmt::format("echo {} > {}", kUioDriver, file));
        return Exit::kOk;
    }
    std::error_code error;
    std::filesystem::create_directories(tree_.path(kFolder), error);
    const std::string text = std::string(kUioDriver) + "\n";
    const int failed = error ? error.value() : write_whole_file(file, text, Outlasts::kPowerLoss);
    if (failed != 0) {
        return fail(file, failed);
    }
    voice_.say(fmt::format("{}: persisted in {}", nic.name(), file));
    return Exit::kOk;
}

Exit Persistence::unpersist(const std::vector<std::string>& uuids) const {
    for (const auto& uuid : uuids) {
        if (const Exit exit = remove_one(uuid); exit != Exit::kOk) {
            return exit;
        }
    }
    return Exit::kOk;
}

Exit Persistence::remove_one(const std::string& uuid) const {
    const std::string driver = persisted_driver(tree_, uuid);
    const std::string file = tree_.path(file_of(uuid));
    if (driver.empty() && !tree_.exists(file_of(uuid))) {
        voice_.say(fmt::format("{}: not persisted", uuid));
        return Exit::kOk;
    }
    if (driver != kUioDriver && !options_.force) {
        voice_.say(fmt::format("{}: refused: it names {}, not {} (--force removes it)", file,
                               driver, kUioDriver));
        return Exit::kRefused;
    }
    if (options_.dry_run) {
        voice_.print(fmt::format("rm {}", file));
        return Exit::kOk;
    }
    if (::unlink(file.c_str()) != 0) {
        return fail(file, errno);
    }
    voice_.say(fmt::format("{}: no longer persisted", uuid));
    return Exit::kOk;
}

}  // namespace vmbus::devbind
