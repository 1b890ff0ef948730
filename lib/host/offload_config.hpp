// What host and guest take over for each other: checksums, large sends (LSO version 2), and
// segments received as one (RSC). What the host can, what is switched on now, and the three ways in
// which a guest changes that.
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
    explicit OffloadConfig(bool lso = true) noexcept : can_lso_(lso) {}

    /// Received segments may be coalesced: both sides said that they know how.
    void offer_rsc(bool offered) noexcept { can_rsc_ = offered; }

    /// All that the host can: the object of OFFLOAD_HARDWARE_CAPABILITIES.
    wire::NdisOffload capabilities() const noexcept;
    /// What is on now: the object of OFFLOAD_CURRENT_CONFIG.
    wire::NdisOffload current() const noexcept;

    ReceiveChecks receive_checks() const noexcept {
        return {.ipv4 = on_[kIpv4].rx,
                .tcp_ipv4 = on_[kTcpIpv4].rx,
                .udp_ipv4 = on_[kUdpIpv4].rx,
                .tcp_ipv6 = on_[kTcpIpv6].rx,
                .udp_ipv6 = on_[kUdpIpv6].rx};
    }

    bool offers_lso() const noexcept { return can_lso_; }
    bool rsc_ipv4() const noexcept { return can_rsc_ && rsc_on_[0]; }
    bool rsc_ipv6() const noexcept { return can_rsc_ && rsc_on_[1]; }

    /// SET TCP_OFFLOAD_PARAMETERS, of any revision.
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
    using PerIp = std::array<bool, 2>;  ///< IPv4, IPv6
    void apply(Protocol protocol, std::uint8_t setting) noexcept;
    wire::NdisOffload object(const std::array<Switch, kProtocols>& on, const PerIp& lso,
                             const PerIp& rsc) const noexcept;
    void set_named(base::Bytes name, unsigned value) noexcept;

    bool can_lso_;
    bool can_rsc_ = false;
    std::array<Switch, kProtocols> on_{};
    PerIp lso_on_{true, true};
    PerIp rsc_on_{};  ///< off, until a guest asks: one that does not know of it would be confused
};

}  // namespace vmbus::host
