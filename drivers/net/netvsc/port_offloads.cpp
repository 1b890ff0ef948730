#include "net/netvsc/port.hpp"

#include <cerrno>
#include <cstring>

#include "net/netvsc/ethdev_offloads.hpp"
#include "net/netvsc/log.hpp"

namespace vmbus::netvsc {

/// Tells the host what the application has configured.
int Port::use_checksums() noexcept {
    const ChecksumOffloads wanted = checksums_of(ethdev_.data->dev_conf);
    const int error = alive() ? session_->use_checksums(wanted) : -ENODEV;
    if (error != 0) {
        log_line(LogType::kDriver, RTE_LOG_ERR, "%s: switching checksum offloads: %s",
                 device_.name(), std::strerror(-error));
    }
    // A host that keeps on verifying unasked does no harm.
    return error == -EIO && wanted == ChecksumOffloads{} ? 0 : error;
}

}  // namespace vmbus::netvsc
