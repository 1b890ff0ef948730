// What a NIC was before we touched it, in a file of its own: /run/vmbus-devbind/UUID.json. Written
// before the first change and kept while the NIC is bound, so that `restore` knows the way back,
// and so that the next run finds what a killed one left half done. Below /run: a reboot undoes
// both.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "tree.hpp"

namespace vmbus::devbind {

enum class Phase {
    kBinding,    // killed in here: the way back is wanted
    kBound,      // the change is complete
    kRestoring,  // on the way back
};

/// The state of a NIC that a change may alter, and how to know it again.
struct Origin {
    std::string driver;
    std::string override_;
    std::string ifname;
    std::string mac;
    std::string flags;  // of the interface, as sysfs has them: "0x1003"
    std::string vf_ifname;
    std::string vf_flags;
};

struct Record {
    std::string uuid;
    Phase phase = Phase::kBinding;
    Origin origin;
    bool dynamic_id = false;  // we wrote new_id, and it is to go again
};

class Records {
public:
    explicit Records(const Tree& tree) : tree_(tree) {}

    /// Nothing when there is none, or none that makes sense.
    std::optional<Record> load(const std::string& uuid) const;
    std::vector<Record> all() const;

    /// Whole or not at all. 0 or an errno.
    int save(const Record& record) const;
    int erase(const std::string& uuid) const;

    /// One program changes things at a time. EWOULDBLOCK: another one does. The lock goes with the
    /// descriptor, so also with a process that is killed.
    int lock(base::UniqueFd& held) const;

private:
    std::string file(const std::string& uuid) const;
    int make_folder() const;

    const Tree& tree_;
};

}  // namespace vmbus::devbind
