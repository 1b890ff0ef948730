// Several processes of one application on one emulated host: the first in mounts of its own (DPDK's
// run time folder, hugepages), the others in the same.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace vmbus::test {

/// `command` in mounts of its own; `first` is a shell command that mounts more.
std::vector<std::string> in_own_mounts(const std::vector<std::string>& command,
                                       const std::string& first = "true");
/// `words` as another guest process of the host at `socket`, in the mounts of process `beside`.
std::vector<std::string> beside(pid_t beside, const std::string& socket,
                                const std::vector<std::string>& words);

}  // namespace vmbus::test
