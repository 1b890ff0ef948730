// ImpairedPort: a port at the other end of a bad cable, both ways. What the cable does is seeded:
// the same frames at the same times meet the same fate. Host thread only.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "host/link_pipe.hpp"
#include "host/replay.hpp"

namespace vmbus::host {

class ImpairedPort final : public Port {
public:
    ImpairedPort(std::unique_ptr<Port> inner, const LinkSpec& link, Replay::Clock clock);

    void transmit(std::span<const Frame> frames) noexcept override;
    std::size_t receive(std::span<Frame> frames) noexcept override;
    bool turn() noexcept override;
    void guest_holds(std::size_t pieces) noexcept override;
    void set_filter(std::uint32_t ndis_filter) noexcept override;
    void guest_closed() noexcept override;
    int poll_fd() const noexcept override { return inner_->poll_fd(); }
    std::span<const Drop> drops() const noexcept override;
    std::vector<Figure> figures() const override;
    std::string take_error() noexcept override { return inner_->take_error(); }

private:
    static constexpr std::size_t kBatch = 64;

    const std::unique_ptr<Port> inner_;
    const Replay::Clock clock_;
    LinkPipe to_network_;
    LinkPipe to_guest_;
    std::array<Frame, kBatch> batch_{};
    mutable std::vector<Drop> drops_;  // put together when asked for
};

}  // namespace vmbus::host
