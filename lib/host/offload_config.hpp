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

/// Which checksums of frames for the guest are verified. On, as on every host, until the guest
/// says otherwise.
struct ReceiveChecks {
    bool ipv4 = true;
    bool tcp_ipv4 = true;
    bool udp_ipv4 = true;
    bool tcp_ipv6 = true;
    bool udp_ipv6 = true;

    bool any() const noexcept { return ipv4 || tcp_ipv4 || udp_ipv4 || tcp_ipv6 || udp_ipv6; }
};

class OffloadConfig {
public:
    /// All that the host can: the object of OFFLOAD_HARDWARE_CAPABILITIES.
    static wire::NdisOffload capabilities() noexcept;
    /// What is on now: the object of OFFLOAD_CURRENT_CONFIG.
    wire::NdisOffload current() const noexcept;

    ReceiveChecks receive_checks() const noexcept {
        return {.ipv4 = on_[kIpv4].rx,
                .tcp_ipv4 = on_[kTcpIpv4].rx,
                .udp_ipv4 = on_[kUdpIpv4].rx,
                .tcp_ipv6 = on_[kTcpIpv6].rx,
                .udp_ipv6 = on_[kUdpIpv6].rx};
    }

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
