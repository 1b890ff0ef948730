#include "support/processes.hpp"

#include "support/host_run.hpp"

namespace vmbus::test {

std::vector<std::string> in_own_mounts(const std::vector<std::string>& command,
                                       const std::string& first) {
    std::vector<std::string> all = {"unshare",
                                    "--mount",
                                    "sh",
                                    "-c",
                                    first +
                                        " && mkdir -p /run/dpdk && mount -t tmpfs none /run/dpdk"
                                        " && mount -t hugetlbfs none /mnt && exec \"$@\"",
                                    "sh"};
    all.insert(all.end(), command.begin(), command.end());
    return all;
}

std::vector<std::string> beside(pid_t beside, const std::string& socket,
                                const std::vector<std::string>& words) {
    std::vector<std::string> all = {"nsenter",
                                    "--mount=/proc/" + std::to_string(beside) + "/ns/mnt",
                                    "stdbuf",
                                    "-oL",
                                    host_program(),
                                    "attach",
                                    "--socket",
                                    socket,
                                    "--"};
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

}  // namespace vmbus::test
