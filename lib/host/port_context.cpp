#include "host/port_context.hpp"

#include <algorithm>

namespace vmbus::host {

bool PortContext::claim(const struct stat& state, bool writes) {
    if (!S_ISREG(state.st_mode)) {
        return true;
    }
    const bool taken = std::any_of(files.begin(), files.end(), [&](const UsedFile& used) {
        return used.device == state.st_dev && used.inode == state.st_ino &&
               (writes || used.written);
    });
    files.push_back({state.st_dev, state.st_ino, writes});
    return !taken;
}

}  // namespace vmbus::host
