// A folder that plays the machine to vmbus-devbind: sysfs with VMBus NICs and their virtual
// functions, and a kernel behind it that answers writes as Linux does, with its errors, its delays
// and its race.
//
// The files are ordinary ones. Plain files can return no error from write(), and FUSE needs a
// mount, which a container seldom allows; so writes come here by one of two doors: unit tests hand
// them to write(), and the real program is started with a preload library (played_writes.cpp) that
// passes those below this folder on to PlayedKernelServer. Its reads are of the files as they are.
//
// Sources: Linux drivers/base/bus.c, drivers/hv/vmbus_drv.c, drivers/hv/hv_common.c for `bind`,
// `unbind`, `new_id`, `driver_override`; net/core/net-sysfs.c for `flags`. Time is the caller's.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace vmbus::test {

struct PlayedNic {
    std::string uuid;
    std::string ifname;
    std::string mac;
    bool up = false;
    bool monitor_bit = true;
    std::string vf_ifname{};  // empty: without a virtual function
    std::string vf_pci{};
    std::string vf_driver = "mlx5_core";
};

/// How a machine is unlike the usual one.
struct PlayedDelays {
    unsigned vf_release_ms = 0;  // from hv_netvsc's unbind until it has let go of the VF
    unsigned interface_ms = 0;   // from its bind until there is an interface
    unsigned uio_ms = 0;         // from uio_hv_generic's bind until there is a uioN
};

class PlayedSysfs {
public:
    explicit PlayedSysfs(std::filesystem::path root);

    const std::filesystem::path& root() const { return root_; }
    std::filesystem::path at(std::string_view name) const { return root_ / name.substr(1); }
    std::filesystem::path device(const std::string& uuid, std::string_view what) const;

    /// On hv_netvsc, as after boot.
    void add_nic(const PlayedNic& nic);
    /// eth1, and eth2 with a virtual function, and the driver for DPDK.
    void add_two_nics(const std::string& first, const std::string& second);
    void remove_nic(const std::string& uuid);
    void add_module(const std::string& driver);
    void without_driver_override();  // Linux 4.17
    void without_monitor_requirement() { needs_monitor_bit_ = false; }
    void put(std::string_view name, std::string_view text) const;
    std::string line(std::string_view name) const;

    PlayedDelays delays;
    /// The next `count` writes to attributes of this name end with `error`, and do nothing.
    void refuse(const std::string& attribute, int error, int count = 1);

    /// What write() of the attribute gives: 0 or an errno.
    int write(std::string_view name, std::string_view text);
    /// Whatever is due by now happens.
    void tick(unsigned long now_ms);

    std::string driver_of(const std::string& uuid) const;
    std::string override_of(const std::string& uuid) const;
    bool is_up(const std::string& uuid) const;
    const std::set<std::string>& dynamic_ids() const { return dynamic_ids_; }
    /// Something was done that brings a real kernel down.
    bool panicked() const { return panicked_; }
    /// All writes that were tried, as "attribute text".
    const std::vector<std::string>& writes() const { return writes_; }

private:
    struct Due {
        unsigned long when_ms;
        std::function<void()> what;
    };

    int write_driver(const std::string& driver, const std::string& attribute,
                     const std::string& text);
    int bind(const std::string& driver, const std::string& uuid);
    int unbind(const std::string& driver, const std::string& uuid);
    int add_id(const std::string& text);
    bool matches(const std::string& driver, const std::string& uuid) const;
    void attach(const std::string& driver, const std::string& uuid);
    void show_interface(const PlayedNic& nic);
    void show_uio(const PlayedNic& nic);
    void take_vf(const PlayedNic& nic);
    void in(unsigned delay_ms, std::function<void()> what);
    void link(const std::filesystem::path& target, std::string_view name) const;

    std::filesystem::path root_;
    std::map<std::string, PlayedNic> nics_;
    std::map<std::string, unsigned> attachments_;  // by NIC: how often a driver came or went
    std::set<std::string> dynamic_ids_;
    std::map<std::string, std::pair<int, int>> refusals_;  // attribute -> error, how often
    std::vector<Due> due_;
    std::vector<std::string> writes_;
    unsigned long now_ms_ = 0;
    unsigned uio_count_ = 0;
    bool has_override_ = true;
    bool needs_monitor_bit_ = true;
    bool panicked_ = false;
};

}  // namespace vmbus::test
