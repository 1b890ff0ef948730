#include "net/netvsc/port.hpp"

#include <cerrno>
#include <cstring>

#include "net/netvsc/ethdev_offloads.hpp"
#include "net/netvsc/log.hpp"

namespace vmbus::netvsc {

/// Tells the host what the application has configured.
int Port::use_offloads() noexcept {
    if (!alive()) {
        return -ENODEV;
    }
    const UsedOffloads wanted = used_of(ethdev_.data->dev_conf, session_->facts().offloads);
    const int error = session_->use_offloads(wanted);
    if (error != 0) {
        log_line(LogType::kDriver, RTE_LOG_ERR, "%s: switching offloads: %s", device_.name(),
                 std::strerror(-error));
    }
    // A host that keeps on verifying unasked does no harm.
    return error == -EIO && wanted == UsedOffloads{} ? 0 : error;
}

}  // namespace vmbus::netvsc
