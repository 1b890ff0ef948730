#include "host/lan_uplink.hpp"

#include <array>

namespace vmbus::host {
namespace {

constexpr std::uint32_t kPromiscuous = 0x20;
constexpr std::size_t kBatch = 64;

}  // namespace

LanUplink::LanUplink(std::shared_ptr<Lan> lan, std::unique_ptr<Port> port)
    : lan_(std::move(lan)), port_(std::move(port)) {
    lan_->join(*this);
    port_->set_filter(kPromiscuous);
}

LanUplink::~LanUplink() {
    lan_->leave(*this);
    port_->guest_closed();
}

void LanUplink::deliver(base::Bytes frame) noexcept {
    const Frame one{frame};
    port_->transmit(std::span(&one, 1));
}

bool LanUplink::turn() noexcept {
    std::array<Frame, kBatch> frames;
    const bool waits = port_->turn();
    const std::size_t count = port_->receive(frames);
    for (const Frame& frame : std::span(frames).first(count)) {
        if (frame.bytes.size() >= Lan::kLeastFrame) {
            lan_->forward(*this, frame.bytes);
        }
    }
    return waits || count > 0;
}

}  // namespace vmbus::host
