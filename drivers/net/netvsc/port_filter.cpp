#include "net/netvsc/port.hpp"

#include <cerrno>
#include <utility>

namespace vmbus::netvsc {

int Port::apply_filter() noexcept {
    const std::uint32_t wanted = state_ == PortState::kStarted
                                     ? oids::filter_for(promiscuous_, all_multicast_)
                                     : std::uint32_t{oids::kFilterNone};
    if (wanted == filter_ || session_ == nullptr) {
        return 0;
    }
    const int error = alive() ? oids::set_packet_filter(session_->rndis(), wanted) : -ENODEV;
    if (error == 0) {
        filter_ = wanted;
    }
    return error;
}

int Port::set_promiscuous(bool on) noexcept {
    const bool before = std::exchange(promiscuous_, on);
    const int error = apply_filter();
    if (error != 0) {
        promiscuous_ = before;
    }
    return error;
}

int Port::set_all_multicast(bool on) noexcept {
    const bool before = std::exchange(all_multicast_, on);
    const int error = apply_filter();
    if (error != 0) {
        all_multicast_ = before;
    }
    return error;
}

}  // namespace vmbus::netvsc
