#include "plugin.hpp"

#include <filesystem>

namespace vmbus::devbind {
namespace {

namespace fs = std::filesystem;
constexpr const char* kFile = "librte_net_netvsc_uio.so";
/// RTE_EAL_PMD_PATH of the DPDK that was built against, or empty.
constexpr const char* kDpdkFolder = VMBUS_PLUGIN_FOLDER;

std::optional<std::string> present(const fs::path& path) {
    std::error_code error;
    const auto found = fs::canonical(path, error);
    return !error && fs::is_regular_file(found, error) ? std::optional(found.string())
                                                       : std::nullopt;
}

fs::path build_folder() {
    std::error_code error;
    return fs::read_symlink("/proc/self/exe", error).parent_path().parent_path();
}

}  // namespace

std::optional<Plugin> find_plugin(const std::string& wanted) {
    if (!wanted.empty()) {
        std::error_code error;
        const fs::path path = wanted;
        const auto found = present(fs::is_directory(path, error) ? path / kFile : path);
        return found ? std::optional(Plugin{*found}) : std::nullopt;
    }
    if (const auto found = present(build_folder() / "drivers" / kFile)) {
        return Plugin{*found};
    }
    if (const auto found = present(fs::path(kDpdkFolder) / kFile)) {
        return Plugin{.path = *found, .loaded_by_itself = true};
    }
    return std::nullopt;
}

std::string writable_folder_above(const std::string& path) {
    for (fs::path folder = fs::path(path).parent_path(); !folder.empty();
         folder = folder.parent_path()) {
        std::error_code error;
        const auto status = fs::status(folder, error);
        if (!error && (status.permissions() & fs::perms::others_write) != fs::perms::none) {
            return folder.string();
        }
        if (folder == folder.root_path()) {
            break;
        }
    }
    return {};
}

}  // namespace vmbus::devbind
