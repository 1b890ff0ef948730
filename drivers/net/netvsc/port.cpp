#include "net/netvsc/port.hpp"

#include <rte_malloc.h>

#include <cerrno>
#include <cstring>
#include <mutex>

#include "net/netvsc/guest_address.hpp"
#include "net/netvsc/log.hpp"
#include "net/netvsc/telemetry.hpp"

namespace vmbus::netvsc {
namespace {

void free_mbuf(rte_mbuf* mbuf) noexcept {
    rte_pktmbuf_free(mbuf);
}

/// Whether an mbuf's IOVA is an address that the host can use. In VA mode it is one only where
/// virtual and guest-physical addresses are the same, as on the emulated host.
bool host_knows_our_addresses() noexcept {
    if (rte_eal_iova_mode() == RTE_IOVA_PA) {
        return true;
    }
    void* probe = rte_zmalloc("netvsc_probe", RTE_CACHE_LINE_SIZE, 0);
    const bool same =
        probe != nullptr && physical_address(probe) == reinterpret_cast<std::uintptr_t>(probe);
    rte_free(probe);
    return same;
}

}  // namespace

Port::~Port() {
    close();
}

bool Port::step(PortStep step) noexcept {
    const auto next = after(state_, step);
    if (next) {
        state_ = *next;
        publish();
    }
    return next.has_value();
}

int Port::attach(std::uint32_t mtu) noexcept {
    if (!after(state_, PortStep::kAttach)) {
        return -EBUSY;
    }
    if (!device_.mapped()) {
        if (const int error = device_.map(); error != 0) {
            return error;
        }
    }
    SessionResources resources{.channel = device_.open_primary_channel(arguments_.ring_mode),
                               .receive_buffer = device_.region(bus::Map::kReceiveBuffer),
                               .send_buffer = device_.region(bus::Map::kSendBuffer),
                               .receive_gpadl = device_.receive_gpadl(),
                               .send_gpadl = device_.send_gpadl()};
    if (resources.channel == nullptr) {
        return -EIO;
    }
    set_latency();
    Session::Failure failure;
    auto session = Session::open(std::move(resources),
                                 {.mtu = mtu,
                                  .deadlines = {},
                                  .attention = {raise_hand, this},
                                  .counters = shared_.ring_counters,
                                  .takes_vf = arguments_.vf,
                                  .free_mbuf = free_mbuf},
                                 failure);
    if (session == nullptr) {
        log_line(LogType::kInit, RTE_LOG_ERR, "%s: %s: %s", device_.name(), failure.doing,
                 std::strerror(failure.error));
        return -failure.error;
    }
    {
        const std::lock_guard guard(telemetry::mutex());
        session_ = std::move(session);
    }
    haunted_ = false;  // rings that begin anew are nobody's
    addresses_known_ = host_knows_our_addresses();
    log_line(LogType::kInit, RTE_LOG_INFO, "%s: NVSP %s, %s", device_.name(),
             codec::version_name(session_->version()),
             addresses_known_ ? "large packets are sent from their pages"
                              : "no guest-physical addresses: every packet is copied");
    if (arguments_.rx_extmbuf) {
        lent_addresses_ = LentAddresses(device_.region(bus::Map::kReceiveBuffer));
    }
    filter_ = oids::kFilterNone;
    asked_lanes_ = 1;
    told_rss_.reset();
    restore_addresses();
    step(PortStep::kAttach);
    if (const int error = events_.watch(*session_); error != 0) {
        detach();
        return error;
    }
    vf_.bind(*session_);
    return 0;
}

void Port::raise_hand(void* self) noexcept {
    Port& port = *static_cast<Port*>(self);
    port.events_.attention()();
    port.vf_.kick();
}

/// How soon the host looks at our monitor bits, in its units of 100 ns.
void Port::set_latency() noexcept {
    device_.set_latency(static_cast<std::uint16_t>(arguments_.latency_us * 10));
}

void Port::detach() noexcept {
    recall_device();
    vf_.unbind();
    events_.unwatch();
    std::unique_ptr<Session> session;
    {
        const std::lock_guard guard(telemetry::mutex());
        session = std::move(session_);
    }
    // Nobody else looks at it any more; a host that does not answer its farewell takes its time.
    const auto lent = session->release_loans();
    session.reset();
    keep_lent(lent);
    // The kernel resets a channel when it is unmapped, and only then.
    device_.unmap();
    step(PortStep::kDetach);
}

int Port::configure() noexcept {
    if (!after(state_, PortStep::kConfigure)) {
        return session_ == nullptr ? -ENODEV : -EBUSY;
    }
    if (ethdev_.data->mtu != session_->mtu() || lanes_are_others() || session_->has_dead_lanes()) {
        if (const int error = rebuild(ethdev_.data->mtu); error != 0) {
            return error;
        }
    }
    int error = settle();
    if (error == -EBUSY) {
        // The host never gave some sections back: only a new conversation returns them.
        error = rebuild(session_->mtu());
        error = error != 0 ? error : settle();
    }
    if (error == 0) {
        choose_rss();
        error = apply_rss();
    }
    if (error != 0) {
        return error;
    }
    step(PortStep::kConfigure);
    return 0;
}

/// A new session for another MTU; the old one again when the host does not want it.
int Port::rebuild(std::uint32_t mtu) noexcept {
    if (!alive()) {
        return -ENODEV;
    }
    const std::uint32_t old_mtu = session_->mtu();
    detach();
    const int error = attach(mtu);
    if (error != 0) {
        device_.unmap();
        if (attach(old_mtu) != 0) {
            log_line(LogType::kInit, RTE_LOG_ERR, "%s: the old MTU does not work either",
                     device_.name());
        }
    }
    return error;
}

int Port::set_mtu(std::uint32_t mtu) noexcept {
    if (state_ == PortState::kStarted) {
        return -EBUSY;
    }
    if (session_ == nullptr || mtu == session_->mtu()) {
        return session_ == nullptr ? -ENODEV : 0;
    }
    return renew(mtu);
}

/// A new session that is as far as the old one was. Requires: a stopped port.
int Port::renew(std::uint32_t mtu) noexcept {
    const bool configured = state_ == PortState::kConfigured;
    int error = rebuild(mtu);
    if (configured && session_ != nullptr) {
        const int told = settle();
        const int scaled = told == 0 ? apply_rss() : 0;
        error = error != 0 ? error : told != 0 ? told : scaled;
        step(PortStep::kConfigure);
    }
    return error;
}

int Port::start() noexcept {
    if (!after(state_, PortStep::kStart)) {
        return -EINVAL;
    }
    if (!alive()) {
        return -ENODEV;
    }
    if (!queues_are_set_up()) {
        return -EINVAL;
    }
    if (session_->has_dead_lanes()) {
        // A host offers a sub-channel again only to who opens the device again.
        if (const int error = renew(session_->mtu()); error != 0) {
            return error;
        }
    }
    if (const int error = open_rx_interrupts(); error != 0) {
        return error;
    }
    carrier_wanted_ = true;
    start_queues();
    step(PortStep::kStart);
    if (const int error = apply_filter(); error != 0) {
        stop();
        return error;
    }
    events_.refresh_link();
    vf_.set_rss(rss_);
    // Of the virtual function's queues only this process knows.
    vf_.set_running(!is_used_elsewhere());
    open_door();
    return 0;
}

int Port::stop() noexcept {
    if (!after(state_, PortStep::kStop)) {
        return 0;
    }
    shut_door();
    vf_.set_running(false);
    session_->link().set_data_path_running(false);
    step(PortStep::kStop);
    apply_filter();
    drain();
    stop_queues();
    receivers_.close();
    return 0;
}

int Port::reset() noexcept {
    stop();
    if (session_ != nullptr) {
        detach();
    } else {
        device_.unmap();
    }
    return attach(ethdev_.data->mtu);
}

int Port::close() noexcept {
    if (state_ == PortState::kClosed) {
        return 0;
    }
    stop();
    vf_.close();
    if (session_ != nullptr) {
        detach();
    }
    events_.cancel_alarms();
    for (std::uint16_t q = 0; q < ethdev_.data->nb_rx_queues; ++q) {
        release_rx(q);
    }
    for (std::uint16_t q = 0; q < ethdev_.data->nb_tx_queues; ++q) {
        release_tx(q);
    }
    step(PortStep::kClose);
    return 0;
}

int Port::update_link() noexcept {
    return events_.refresh_link() ? 0 : -1;
}

}  // namespace vmbus::netvsc
