// NicSpec: what the command line says of one NIC: `--nic key=value,...`, docs/emulator.md.
// Parsing is pure; a wrong spec is refused with one line that says what and where.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/port_spec.hpp"
#include "host/receive_buffer.hpp"
#include "host/spec_value.hpp"
#include "wire/guid.hpp"
#include "wire/nvsp.hpp"

namespace vmbus::host {

struct NicSpec {
    std::string text{};  ///< as it was given
    PortSpec port = NullPortSpec{};
    MacAddress mac{};                                  ///< 00:15:5d:00:00:NN by default
    wire::Guid id{};                                   ///< derived from the NIC's number by default
    std::uint32_t queues = 8;                          ///< most channels, 1..64
    wire::NvspVersion nvsp = wire::NvspVersion::kV61;  ///< highest that is accepted
    std::uint32_t mtu = 1500;                          ///< 68..9202, without the Ethernet header
    std::uint32_t ring = 2U << 20;                     ///< bytes of each direction, page included
    std::uint32_t recv = 31U << 20;
    std::uint32_t send = 15U << 20;
    PieceLength pieces = PieceLength::kTight;  ///< of the receive buffer
    bool monitor = true;
    bool lso = true;                    ///< large sends are offered
    bool rsc = false;                   ///< segments received as one are offered
    std::optional<std::uint32_t> vf{};  ///< serial number of a virtual function that is there
    std::uint32_t offer_delay_ms = 1;   ///< from a grant, or the offer before, to an offer
    int numa = 0;
    std::uint64_t speed = 10'000'000'000;  ///< bit/s
};

/// Parses one spec; `number` is the NIC's, from 0. On failure returns nothing and sets `why`.
/// Sizes take K, M and G as powers of 1024, speed, count and rate as powers of 1000. The keys are
/// those of docs/emulator.md.
std::optional<NicSpec> parse_nic_spec(std::string_view text, unsigned number, std::string& why);

}  // namespace vmbus::host
