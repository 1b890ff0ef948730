#include "net/netvsc/control/session.hpp"

#include <algorithm>
#include <cerrno>
#include <new>

namespace vmbus::netvsc {
namespace {

constexpr std::uint32_t kEthernetHeader = 14;
/// Hosts replace a smaller size by this one.
constexpr std::uint32_t kMinMtu = 1500;
/// Hosts do not answer a revoke, and some stop reading at the first.
constexpr std::chrono::milliseconds kRevokeDrain{200};

}  // namespace

Session::Session(SessionResources resources, const SessionOptions& options,
                 base::Placed<Health> health, base::Placed<Lane> primary) noexcept
    : resources_(std::move(resources)),
      options_(options),
      health_(std::move(health)),
      primary_(std::move(primary)),
      link_(*primary_, *health_, options_.deadlines),
      nvsp_(link_),
      rndis_(link_) {}

std::unique_ptr<Session> Session::open(SessionResources resources, const SessionOptions& options,
                                       Failure& failure) noexcept {
    failure = {ENOMEM, "allocating the session"};
    auto health = base::make_placed<Health>();
    auto primary = health == nullptr ? nullptr
                                     : base::make_placed<Lane>(
                                           std::move(resources.channel), Inbound::Role::kPrimary,
                                           *health, options.attention, options.counters[0]);
    if (primary == nullptr) {
        return nullptr;
    }
    std::unique_ptr<Session> session(new (std::nothrow) Session(
        std::move(resources), options, std::move(health), std::move(primary)));
    if (session == nullptr) {
        return nullptr;
    }
    failure = session->bring_up();
    return failure.error == 0 ? std::move(session) : nullptr;
}

Session::Failure Session::bring_up() noexcept {
    if (const int error = nvsp_.negotiate(); error != 0) {
        return {-error, "agreeing on an NVSP version"};
    }
    if (nvsp_.version() == wire::NvspVersion::kV1 && options_.mtu > kMinMtu) {
        return {ENOTSUP, "asking an NVSP 1 host for a larger MTU"};
    }
    const std::uint32_t frame = std::max(options_.mtu, kMinMtu) + kEthernetHeader;
    if (const int error = nvsp_.announce(frame, options_.takes_vf); error != 0) {
        return {-error, "announcing the NDIS version"};
    }
    if (const Failure failure = share_buffers(); failure.error != 0) {
        return failure;
    }
    step_ = Step::kNvspReady;
    if (const int error = rndis_.initialize(); error != 0) {
        return {-error, "initialising RNDIS"};
    }
    step_ = Step::kRndisReady;
    return ask_host();
}

Session::Failure Session::share_buffers() noexcept {
    const auto receive =
        nvsp_.share_receive_buffer(resources_.receive_gpadl, resources_.receive_buffer.size());
    if (!receive.ok()) {
        return {receive.error(), "sharing the receive buffer"};
    }
    facts_.receive = receive.value();
    {
        // A host that sends early finds the ring unread, not a reader half set up.
        while (!owner().try_enter()) {
            base::cpu_pause();
        }
        // A host that keeps the contract cannot fill the backlog: it has no more pieces to send.
        const bool ok = inbound().set_receive_buffer(resources_.receive_buffer, facts_.receive,
                                                     facts_.receive.count);
        owner().leave();
        if (!ok) {
            return {ENOMEM, "allocating for the receive buffer"};
        }
    }
    const auto send = nvsp_.share_send_buffer(resources_.send_gpadl, resources_.send_buffer.size());
    if (!send.ok()) {
        return {send.error(), "sharing the send buffer"};
    }
    facts_.send = send.value();
    if (facts_.send.sections <= kControlSlots) {
        return {ENOSPC, "cutting the send buffer"};
    }
    link_.set_send_sections(resources_.send_buffer, facts_.send.section_bytes);
    const int error = share_sections(1);
    return error == 0 ? Failure{} : Failure{-error, "allocating for transmission"};
}

Session::Failure Session::ask_host() noexcept {
    // A host may remember the filter of who was here before.
    if (const int error = oids::set_packet_filter(rndis_, oids::kFilterNone); error != 0) {
        return {-error, "closing the packet filter"};
    }
    const auto mac = oids::mac_address(rndis_);
    if (!mac.ok()) {
        return {mac.error(), "asking for the MAC address"};
    }
    const auto payload = oids::maximum_frame_size(rndis_);
    if (!payload.ok()) {
        return {payload.error(), "asking for the frame size"};
    }
    if (payload.value() < options_.mtu) {
        return {ENOTSUP, "asking for that MTU"};
    }
    const auto up = oids::link_is_up(rndis_);
    const auto speed = oids::link_speed_mbps(rndis_);
    const auto host_offloads = offloads::query(rndis_, version());
    if (!host_offloads.ok()) {
        return {host_offloads.error(), "asking for the offloads"};
    }
    facts_.offloads = host_offloads.value();
    // Sub-channels came with NVSP 5.
    facts_.rss = version() >= wire::NvspVersion::kV5 ? rss::query(rndis_) : RssCapabilities{};
    facts_.mac = mac.value();
    facts_.max_payload = payload.value();
    facts_.link_up = !up.ok() || up.value();
    facts_.speed_mbps = speed.ok() ? speed.value() : 0;
    return {};
}

int Session::use_offloads(const UsedOffloads& wanted) noexcept {
    // A host that can nothing, as one without this object, is not asked to change anything.
    if (wanted == offloads_in_use_ || facts_.offloads == HostOffloads{}) {
        return 0;
    }
    const int error = offloads::set(rndis_, wanted, version());
    if (error == 0) {
        offloads_in_use_ = wanted;
    }
    return error;
}

std::vector<Loans*> Session::release_loans() noexcept {
    std::vector<Loans*> tables;
    if (kept_) {
        return tables;
    }
    for (std::size_t i = 0; i < lanes(); ++i) {
        while (!lane(i).owner().try_enter()) {
            base::cpu_pause();
        }
        if (Loans* const table = lane(i).inbound().release_loans(); table != nullptr) {
            tables.push_back(table);
        }
        lane(i).owner().leave();
    }
    return tables;
}

/// Memory that another process may still be writing to is lost, not freed.
void Session::leave_behind() noexcept {
    for (auto& line : tx_lines_) {
        static_cast<void>(line.release());
    }
    for (auto& lane : sub_lanes_) {
        static_cast<void>(lane.release());
    }
    static_cast<void>(primary_.release());
    static_cast<void>(health_.release());
}

Session::~Session() {
    if (health_->alive()) {
        link_.set_data_path_running(false);
        if (step_ == Step::kRndisReady) {
            rndis_.halt();
        }
        const std::lock_guard guard(link_.mutex());
        nvsp_.revoke_buffers();
        link_.drain(kRevokeDrain);
    }
    if (kept_) {
        leave_behind();
        return;
    }
    for (const auto& line : tx_lines_) {
        if (line->torn) {
            continue;
        }
        line->slots.abandon_all([this](const TxSlot& slot) {
            if (slot.held != nullptr && options_.free_mbuf != nullptr) {
                options_.free_mbuf(slot.held);
            }
        });
    }
}

}  // namespace vmbus::netvsc
