// CapturedPort: a port whose frames are written to the host's capture file, both ways, as the NIC
// has them: after the cable on receive, before it on transmit. Host thread only.
#pragma once

#include <memory>
#include <vector>

#include "host/pcapng_writer.hpp"
#include "host/port.hpp"

namespace vmbus::host {

class CapturedPort final : public Port {
public:
    CapturedPort(std::unique_ptr<Port> inner, std::shared_ptr<PcapngWriter> file,
                 std::uint32_t interface)
        : inner_(std::move(inner)), file_(std::move(file)), interface_(interface) {}

    void transmit(std::span<const Frame> frames) noexcept override;
    std::size_t receive(std::span<Frame> frames) noexcept override;
    bool turn() noexcept override { return inner_->turn(); }
    void guest_holds(std::size_t pieces) noexcept override { inner_->guest_holds(pieces); }
    void set_filter(std::uint32_t ndis_filter) noexcept override {
        inner_->set_filter(ndis_filter);
    }
    void guest_closed() noexcept override;
    int poll_fd() const noexcept override { return inner_->poll_fd(); }
    std::span<const Drop> drops() const noexcept override { return inner_->drops(); }
    std::vector<Figure> figures() const override;
    std::string take_error() noexcept override;

private:
    void write(std::span<const Frame> frames, PcapngWriter::Way way) noexcept;

    const std::unique_ptr<Port> inner_;
    const std::shared_ptr<PcapngWriter> file_;
    const std::uint32_t interface_;
};

}  // namespace vmbus::host
