#include <cerrno>
#include <utility>

#include "net/netvsc/log.hpp"
#include "net/netvsc/port.hpp"

namespace vmbus::netvsc {

/// What the host is to deliver. Hosts without a list of groups get the filter that lets them all
/// pass; the two modes are independent of that and of each other.
std::uint32_t Port::wanted_filter() const noexcept {
    if (state_ != PortState::kStarted || !carrier_wanted_) {
        return oids::kFilterNone;
    }
    const bool groups = !groups_.empty();
    return oids::filter_for(promiscuous_, all_multicast_ || (groups && !host_has_groups_)) |
           (groups && host_has_groups_ ? std::uint32_t{oids::kFilterMulticast} : 0U);
}

int Port::apply_filter() noexcept {
    const std::uint32_t wanted = wanted_filter();
    if (wanted == filter_ || session_ == nullptr) {
        return 0;
    }
    const int error = alive() ? oids::set_packet_filter(session_->rndis(), wanted) : -ENODEV;
    if (error == 0) {
        filter_ = wanted;
        publish();
    }
    return error;
}

int Port::set_link(bool up) noexcept {
    if (state_ != PortState::kStarted) {
        return -EINVAL;
    }
    const bool before = std::exchange(carrier_wanted_, up);
    if (const int error = apply_filter(); error != 0) {
        carrier_wanted_ = before;
        return error;
    }
    session_->set_sending(up);
    vf_.set_running(up);
    events_.set_carrier_wanted(up);
    return 0;
}

int Port::set_promiscuous(bool on) noexcept {
    const bool before = std::exchange(promiscuous_, on);
    const int error = apply_filter();
    if (error != 0) {
        promiscuous_ = before;
    } else {
        vf_.set_promiscuous(on);
    }
    return error;
}

int Port::set_all_multicast(bool on) noexcept {
    const bool before = std::exchange(all_multicast_, on);
    const int error = apply_filter();
    if (error != 0) {
        all_multicast_ = before;
    } else {
        vf_.set_all_multicast(on);
    }
    return error;
}

int Port::set_multicast_groups(std::span<const oids::MacAddress> groups) noexcept {
    if (groups.size() > kMaxGroups) {
        return -ENOSPC;
    }
    if (!alive()) {
        return -ENODEV;
    }
    const auto before = std::exchange(groups_, {groups.begin(), groups.end()});
    tell_groups();
    const int error = apply_filter();
    if (error != 0) {
        groups_ = before;
        tell_groups();
    }
    vf_.set_groups(groups_);
    return error;
}

void Port::tell_groups() noexcept {
    host_has_groups_ =
        !groups_.empty() && oids::set_multicast_list(session_->rndis(), groups_) == 0;
}

int Port::set_mac(const oids::MacAddress& mac) noexcept {
    if (!alive()) {
        return -ENODEV;
    }
    const int error = oids::set_mac_address(session_->rndis(), mac);
    if (error == 0) {
        chosen_mac_ = mac;
    }
    return error == -EIO ? -ENOTSUP : error;
}

/// What a new session does not know of the old one.
void Port::restore_addresses() noexcept {
    if (chosen_mac_ && oids::set_mac_address(session_->rndis(), *chosen_mac_) != 0) {
        log_line(LogType::kDriver, RTE_LOG_WARNING, "%s: the host took the MAC address back",
                 device_.name());
    }
    tell_groups();
}

}  // namespace vmbus::netvsc
