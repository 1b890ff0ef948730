// NvspClient: the guest's half of the NVSP handshake: version, NDIS version, buffers; and revoking
// the buffers at the end. Owned by the session, used by the thread that builds or destroys it.
// No DPDK. Docs: docs/wire.md, "NVSP".
#pragma once

#include <cstdint>

#include "codec/nvsp_codec.hpp"
#include "net/netvsc/control/control_link.hpp"

namespace vmbus::netvsc {

class NvspClient {
public:
    explicit NvspClient(ControlLink& link) noexcept : link_(link) {}

    /// Agrees on the newest version that the host accepts. 0 or -errno: EPROTONOSUPPORT when it
    /// accepts none, EPROTO when its answer makes no sense, or an error of the link.
    int negotiate() noexcept;
    wire::NvspVersion version() const noexcept { return version_; }

    /// Tells the largest frame (Ethernet header included), the NDIS version, and what else this
    /// side knows; `takes_vf`: also what to do with a virtual function.
    int announce(std::uint32_t frame_bytes, bool takes_vf = true) noexcept;

    /// Hands a buffer over and learns how the host cuts it. EPROTO when that makes no sense for a
    /// buffer of this size, or the host refuses it.
    base::Result<codec::ReceiveLayout> share_receive_buffer(std::uint32_t gpadl,
                                                            std::size_t bytes) noexcept;
    struct SendLayout {
        std::uint32_t section_bytes = 0;
        std::uint32_t sections = 0;
    };
    base::Result<SendLayout> share_send_buffer(std::uint32_t gpadl, std::size_t bytes) noexcept;

    /// Asks for so many channels besides the primary: how many the host grants. 0 when it refuses.
    base::Result<std::uint16_t> request_sub_channels(std::uint16_t count) noexcept;

    /// Asks the host to move the data path (wire::kVfPath, kSyntheticPath), and waits until it did:
    /// its completion is empty. 0 or -errno.
    int switch_data_path(std::uint32_t path) noexcept;

    /// Takes the buffers back; hosts never answer this, so wait for the ring to drain.
    void revoke_buffers() noexcept;

private:
    ControlLink& link_;
    wire::NvspVersion version_{};
    bool receive_shared_ = false;
    bool send_shared_ = false;
};

}  // namespace vmbus::netvsc
