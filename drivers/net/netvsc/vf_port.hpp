// VfPort: the port of a virtual function as we use it: found, owned so that the application does
// not see it, set up as the application set up ours, and given back.
// Owned by Vf, under its mutex; control threads.
#pragma once

#include <ethdev_driver.h>

#include <optional>
#include <vector>

#include "net/netvsc/control/oids.hpp"
#include "net/netvsc/control/rss.hpp"

namespace vmbus::netvsc {

/// Which frames a port takes besides those to its own address.
struct VfFilters {
    bool promiscuous = false;
    bool all_multicast = false;
    std::vector<oids::MacAddress> groups{};
};

class VfPort {
public:
    explicit VfPort(rte_eth_dev& ours) noexcept : ours_(ours) {}
    VfPort(const VfPort&) = delete;
    VfPort& operator=(const VfPort&) = delete;

    /// Takes the port with this MAC, that of the slot if it can be told. ENODEV when there is none,
    /// EBUSY when somebody uses it. All of these: 0 or -errno.
    int claim(const oids::MacAddress& nic, std::uint32_t serial) noexcept;
    /// Like our port: queues, offloads, MTU; with these filters; and starts it. ENOTSUP when it
    /// lacks something that the application was promised.
    int prepare(const VfFilters& filters, const RssSettings& rss) noexcept;
    int stop() noexcept;
    void release() noexcept;
    /// The device is gone: closes the port and detaches what is left.
    void release_lost() noexcept;

    /// Requires: started. Not looked up in our port's data: ethdev writes there what a call of the
    /// application has set only once that call is done.
    void apply_filters(const VfFilters& filters) noexcept;
    /// Requires: started. The spread that our port has, as far as this one can: it may hash by
    /// other fields, and have no table.
    void apply_rss(const RssSettings& rss) noexcept;

    /// Requires: claimed.
    std::uint16_t id() const noexcept { return *id_; }
    bool is(std::uint16_t port) const noexcept { return id_ == port; }
    bool claimed() const noexcept { return id_.has_value(); }
    /// Where prepare() came to an end.
    const char* problem() const noexcept { return problem_; }

private:
    int fail(int error, const char* problem) noexcept;
    int configure(rte_eth_dev_info& info, const RssSettings& rss) noexcept;
    int set_up_queues(const rte_eth_dev_info& info) noexcept;

    rte_eth_dev& ours_;
    std::optional<std::uint16_t> id_;
    rte_eth_dev_owner owner_{};
    const char* problem_ = "";
};

}  // namespace vmbus::netvsc
