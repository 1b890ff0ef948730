#include <cerrno>
#include <cstring>

#include "net/netvsc/log.hpp"
#include "net/netvsc/port.hpp"

namespace vmbus::netvsc {
namespace {

/// How long the kernel may take to show the channels that the host has granted.
constexpr std::chrono::milliseconds kOfferPatience{5000};

}  // namespace

/// Channels that the queues want and the host has.
std::uint16_t Port::lanes_to_ask() const noexcept {
    return std::min(view().wanted_lanes(), session_->facts().rss.queues);
}

/// Whether this session cannot become one with the lanes that are wanted: a host grants
/// sub-channels once for each time that the primary is opened.
bool Port::lanes_are_others() const noexcept {
    return asked_lanes_ > 1 && asked_lanes_ != lanes_to_ask();
}

/// Opens as many channels as the queues want, or as many as there are. What the host grants but
/// never offers is missed for five seconds, once.
void Port::open_lanes() noexcept {
    const std::uint16_t wanted = lanes_to_ask();
    if (wanted == asked_lanes_ || !alive()) {
        return;
    }
    asked_lanes_ = wanted;
    recall_device();  // whoever has it mapped has not what comes now
    const auto granted = session_->ask_for_lanes(wanted);
    const std::uint16_t more = granted.ok() ? granted.value() : std::uint16_t{0};
    if (more != 0) {
        for (auto& channel : device_.open_sub_channels(more, kOfferPatience, arguments_.ring_mode,
                                                       arguments_.signals)) {
            if (session_->add_lane(std::move(channel), more + std::size_t{1}) != 0) {
                break;
            }
        }
        set_latency();
        events_.watch_lanes(session_->lanes());
    }
    if (session_->lanes() < wanted) {
        log_line(LogType::kDriver, RTE_LOG_WARNING,
                 "%s: %u channels instead of %u%s%s: queues beyond share them or stay empty",
                 device_.name(), session_->lanes(), wanted, granted.ok() ? "" : ": ",
                 granted.ok() ? "" : std::strerror(granted.error()));
    }
}

/// Brings a new session to where the configuration wants it.
int Port::settle() noexcept {
    open_lanes();
    const std::uint16_t queues = std::max(ethdev_.data->nb_tx_queues, std::uint16_t{1});
    if (const int error = session_->share_sections(queues); error != 0) {
        return error;
    }
    return use_offloads();
}

}  // namespace vmbus::netvsc
