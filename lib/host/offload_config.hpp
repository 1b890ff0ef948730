// Which checksums host and guest take over for each other: what the host can, what is switched on
// now, and the three ways in which a guest changes that. No segmentation and no coalescing: what is
// not implemented is not announced.
// Pure values; owned by the RNDIS server. Source: ntddndis.h, sizes and rules as in OpenVMM netvsp.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "wire/ndis.hpp"
#include "wire/rndis.hpp"

namespace vmbus::host {

class OffloadConfig {
public:
    /// All that the host can: the object of OFFLOAD_HARDWARE_CAPABILITIES.
    static wire::NdisOffload capabilities() noexcept;
    /// What is on now: the object of OFFLOAD_CURRENT_CONFIG.
    wire::NdisOffload current() const noexcept;

    /// SET TCP_OFFLOAD_PARAMETERS.
    wire::RndisStatus set_parameters(base::Bytes info) noexcept;
    /// SET OFFLOAD_ENCAPSULATION: only what is there anyway may be asked for.
    static wire::RndisStatus set_encapsulation(base::Bytes info) noexcept;
    /// SET RNDIS_CONFIG_PARAMETER: a name and a value as of a Windows registry. Unknown names are
    /// ignored, as hosts do.
    wire::RndisStatus set_config_parameter(base::Bytes info) noexcept;

private:
    enum Protocol : std::size_t { kIpv4, kTcpIpv4, kUdpIpv4, kTcpIpv6, kUdpIpv6, kProtocols };
    struct Switch {
        bool tx = true;
        bool rx = true;
    };
    void apply(Protocol protocol, std::uint8_t setting) noexcept;

    std::array<Switch, kProtocols> on_{};
};

}  // namespace vmbus::host
