#include "record.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "whole_file.hpp"
#include "wire/guid.hpp"

namespace vmbus::devbind {
namespace {

using nlohmann::json;

constexpr int kSchema = 1;
constexpr const char* kFolder = "/run/vmbus-devbind";

constexpr const char* name_of(Phase phase) {
    switch (phase) {
        case Phase::kBinding: return "binding";
        case Phase::kBound: return "bound";
        case Phase::kRestoring: break;
    }
    return "restoring";
}

std::optional<Phase> phase_named(const std::string& name) {
    for (const Phase phase : {Phase::kBinding, Phase::kBound, Phase::kRestoring}) {
        if (name == name_of(phase)) {
            return phase;
        }
    }
    return std::nullopt;
}

json to_json(const Record& record) {
    const Origin& origin = record.origin;
    return {{"schema", kSchema},
            {"uuid", record.uuid},
            {"phase", name_of(record.phase)},
            {"dynamic_id", record.dynamic_id},
            {"origin",
             {{"driver", origin.driver},
              {"driver_override", origin.override_},
              {"ifname", origin.ifname},
              {"mac", origin.mac},
              {"flags", origin.flags},
              {"vf_ifname", origin.vf_ifname},
              {"vf_flags", origin.vf_flags}}}};
}

/// These become parts of paths that are written to.
bool is_plain_name(const std::string& text) {
    return text.find('/') == std::string::npos && text != "." && text != "..";
}

std::optional<Record> from_json(const std::string& uuid, const json& file) try {
    const json& origin = file.at("origin");
    const auto phase = phase_named(file.at("phase"));
    Record record{.uuid = file.at("uuid"),
                  .phase = phase.value_or(Phase::kBinding),
                  .origin = {.driver = origin.at("driver"),
                             .override_ = origin.at("driver_override"),
                             .ifname = origin.at("ifname"),
                             .mac = origin.at("mac"),
                             .flags = origin.at("flags"),
                             .vf_ifname = origin.at("vf_ifname"),
                             .vf_flags = origin.at("vf_flags")},
                  .dynamic_id = file.at("dynamic_id")};
    if (!phase || record.uuid != uuid || file.at("schema") != kSchema ||
        !is_plain_name(record.origin.driver) || !is_plain_name(record.origin.ifname) ||
        !is_plain_name(record.origin.vf_ifname)) {
        return std::nullopt;
    }
    return record;
} catch (const json::exception&) {
    return std::nullopt;
}

}  // namespace

std::string Records::file(const std::string& uuid) const {
    return std::string(kFolder) + "/" + uuid + ".json";
}

std::optional<Record> Records::load(const std::string& uuid) const {
    const auto text = tree_.text(file(uuid));
    return text ? from_json(uuid, json::parse(*text, nullptr, false)) : std::nullopt;
}

std::vector<Record> Records::all() const {
    std::vector<Record> records;
    for (const auto& name : tree_.list(kFolder)) {
        const std::string uuid = name.substr(0, name.find('.'));
        if (!wire::parse_guid(uuid)) {
            continue;
        }
        if (auto record = load(uuid)) {
            records.push_back(std::move(*record));
        }
    }
    return records;
}

int Records::make_folder() const {
    std::error_code error;
    std::filesystem::create_directories(tree_.path(kFolder), error);
    return error.value();
}

int Records::save(const Record& record) const {
    if (const int error = make_folder(); error != 0) {
        return error;
    }
    const std::string text =
        to_json(record).dump(2, ' ', false, json::error_handler_t::replace) + "\n";
    return write_whole_file(tree_.path(file(record.uuid)), text, Outlasts::kThisProgram);
}

int Records::erase(const std::string& uuid) const {
    return ::unlink(tree_.path(file(uuid)).c_str()) == 0 || errno == ENOENT ? 0 : errno;
}

int Records::lock(base::UniqueFd& held) const {
    if (const int error = make_folder(); error != 0) {
        return error;
    }
    const std::string path = tree_.path(std::string(kFolder) + "/lock");
    held.reset(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    return held && ::flock(held.get(), LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
}

}  // namespace vmbus::devbind
