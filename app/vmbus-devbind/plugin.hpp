// Where the driver lies that a DPDK program shall load, and whether EAL will take it from there.
#pragma once

#include <optional>
#include <string>

namespace vmbus::devbind {

struct Plugin {
    std::string path;
    bool loaded_by_itself = false;  // it lies in the folder that DPDK loads from
};

/// `wanted`, if not empty; else beside this program in a build folder, else in DPDK's own folder.
std::optional<Plugin> find_plugin(const std::string& wanted);

/// The folder for which EAL refuses the plugin: the plugin's own or one above that everybody may
/// write to, sticky or not. Empty: none.
std::string writable_folder_above(const std::string& path);

}  // namespace vmbus::devbind
