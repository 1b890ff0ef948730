// Session: one conversation with the host, from opening the rings to giving everything back. To
// change what is negotiated once (the MTU) is to destroy the session and open another; the
// destructor is the only detach there is, and works at every step of the way up.
// Owned by the port. Control threads build and destroy it while no burst runs. No DPDK.
#pragma once

#include <memory>
#include <optional>

#include "channel/channel.hpp"
#include "net/netvsc/control/nvsp_client.hpp"
#include "net/netvsc/control/offloads.hpp"
#include "net/netvsc/control/oids.hpp"
#include "net/netvsc/control/rndis_client.hpp"
#include "net/netvsc/tx_slots.hpp"

namespace vmbus::netvsc {

/// What the kernel mapped for us.
struct SessionResources {
    std::unique_ptr<channel::GuestChannel> channel;
    base::MutableBytes receive_buffer{};
    base::MutableBytes send_buffer{};
    std::uint32_t receive_gpadl = 0;
    std::uint32_t send_gpadl = 0;
};

struct SessionOptions {
    std::uint32_t mtu = 1500;
    Deadlines deadlines{};
    Attention attention{};
    RingCounters* counters = nullptr;                      ///< outlive the session; required
    void (*free_mbuf)(rte_mbuf* mbuf) noexcept = nullptr;  ///< for packets the host still has
};

/// What the host said while the session was built.
struct HostFacts {
    codec::ReceiveLayout receive{};
    NvspClient::SendLayout send{};
    oids::MacAddress mac{};
    std::uint32_t max_payload = 0;  ///< of a frame: the MTU that the host agreed to
    std::uint32_t speed_mbps = 0;
    bool link_up = false;
    ChecksumOffloads checksums{};  ///< what it can
};

class Session {
public:
    enum class Step : std::uint8_t { kOpened, kNvspReady, kRndisReady };

    /// Why a session could not be built: an errno, and what was being done.
    struct Failure {
        int error = 0;
        const char* doing = "";
    };

    /// Requires: a channel and counters. nullptr with the reason in `failure`; what was set up
    /// until then is given back.
    static std::unique_ptr<Session> open(SessionResources resources, const SessionOptions& options,
                                         Failure& failure) noexcept;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    channel::GuestChannel& channel() noexcept { return *resources_.channel; }
    RingOwner& owner() noexcept { return owner_; }
    Inbound& inbound() noexcept { return inbound_; }
    Health& health() noexcept { return health_; }
    /// The device must not be touched any more; the port is told. Any thread.
    void fail(Health::State reason) noexcept {
        health_.fail(reason);
        options_.attention();
    }
    ControlLink& link() noexcept { return link_; }
    RndisClient& rndis() noexcept { return rndis_; }
    TxSlots& tx_slots() noexcept { return *tx_slots_; }
    CompletionQueue& completions() noexcept { return *completions_; }
    wire::NvspVersion version() const noexcept { return nvsp_.version(); }
    const HostFacts& facts() const noexcept { return facts_; }
    std::uint32_t mtu() const noexcept { return options_.mtu; }
    /// Tells the host which checksums to compute and to verify, if it does not know yet. Requires:
    /// a subset of what it can. 0 or -errno.
    int use_checksums(const ChecksumOffloads& wanted) noexcept;

private:
    Session(SessionResources resources, const SessionOptions& options) noexcept;
    Failure bring_up() noexcept;
    Failure share_buffers() noexcept;
    Failure ask_host() noexcept;
    bool prepare_transmit() noexcept;

    SessionResources resources_;
    SessionOptions options_;
    Step step_ = Step::kOpened;
    Health health_;
    RingOwner owner_;
    Mailbox mailbox_;
    Inbound inbound_;
    ControlLink link_;
    NvspClient nvsp_;
    RndisClient rndis_;
    HostFacts facts_{};
    std::optional<ChecksumOffloads> checksums_in_use_;  ///< none: whatever the host starts with
    std::optional<TxSlots> tx_slots_;
    std::optional<CompletionQueue> completions_;
};

}  // namespace vmbus::netvsc
