// PcapPort: replays one capture file, each frame once and in order, from when the guest opens its
// packet filter, no faster than the window of Replay allows; and writes what the guest sends to
// another one. Host thread only.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "host/pace.hpp"
#include "host/pcap_reader.hpp"
#include "host/pcap_writer.hpp"
#include "host/port_context.hpp"
#include "host/port_spec.hpp"

namespace vmbus::host {

class PcapPort final : public Port {
public:
    /// nullptr and one line in `why` when a file cannot be used.
    static std::unique_ptr<PcapPort> create(const PcapPortSpec& spec, PortContext& context,
                                            std::string& why);
    ~PcapPort() override;
    PcapPort(const PcapPort&) = delete;
    PcapPort& operator=(const PcapPort&) = delete;

    void transmit(std::span<const Frame> frames) noexcept override;
    std::size_t receive(std::span<Frame> frames) noexcept override;
    void guest_holds(std::size_t pieces) noexcept override;
    void set_filter(std::uint32_t ndis_filter) noexcept override;
    void guest_closed() noexcept override;
    std::span<const Drop> drops() const noexcept override { return drops_; }
    std::string take_error() noexcept override;

private:
    PcapPort(const PcapPortSpec& spec, PortContext& context) noexcept
        : context_(context), pace_(spec.rate) {}

    bool open_input(const std::string& file, std::string& why);
    bool open_output(const std::string& file, std::string& why);
    void finish_when_all_is_replayed() noexcept;
    void flush() noexcept;

    PortContext& context_;
    std::optional<PcapFrames> input_;
    Replay::Input* replayed_ = nullptr;  ///< with input_
    Pace pace_;
    std::size_t next_ = 0;
    std::uint32_t filter_ = 0;
    bool open_ = false;
    bool finished_ = false;
    std::optional<PcapWriter> output_;
    std::array<Drop, 1> drops_{{{"pcap_not_written", 0}}};
};

}  // namespace vmbus::host
