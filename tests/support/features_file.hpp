// docs/nics/features/netvsc.ini, which says what the driver has. The including target defines
// SOURCE_ROOT.
#pragma once

#include <fstream>
#include <map>
#include <string>

namespace vmbus::support {

/// Whether the file says Y, by the name of the feature.
inline std::map<std::string, bool> features_file() {
    std::ifstream file(SOURCE_ROOT "/docs/nics/features/netvsc.ini");
    std::map<std::string, bool> all;
    for (std::string line; std::getline(file, line);) {
        const auto equals = line.find('=');
        if (line.starts_with(';') || equals == std::string::npos) continue;
        all[line.substr(0, line.find_last_not_of(' ', equals - 1) + 1)] = line.back() == 'Y';
    }
    return all;
}

}  // namespace vmbus::support
