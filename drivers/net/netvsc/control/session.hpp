// Session: one conversation with the host, from opening the rings to giving everything back. To
// change what is negotiated once (the MTU) is to destroy the session and open another; the
// destructor is the only detach there is, and works at every step of the way up.
// Owned by the port. Control threads build and destroy it while no burst runs. No DPDK.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "channel/channel.hpp"
#include "net/netvsc/control/nvsp_client.hpp"
#include "net/netvsc/control/offloads.hpp"
#include "net/netvsc/control/oids.hpp"
#include "net/netvsc/control/rndis_client.hpp"
#include "net/netvsc/control/rss.hpp"
#include "net/netvsc/lane.hpp"
#include "net/netvsc/tx_line.hpp"

namespace vmbus::netvsc {

/// What the kernel mapped for us.
struct SessionResources {
    base::Placed<channel::GuestChannel> channel;
    base::MutableBytes receive_buffer{};
    base::MutableBytes send_buffer{};
    std::uint32_t receive_gpadl = 0;
    std::uint32_t send_gpadl = 0;
};

struct SessionOptions {
    std::uint32_t mtu = 1500;
    Deadlines deadlines{};
    Attention attention{};
    std::span<RingCounters> counters{};  ///< one for each lane; outlive the session; required
    bool takes_vf = true;                ///< the host may offer a virtual function
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
    HostOffloads offloads{};  ///< what it can
    RssCapabilities rss{};
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

    /// The primary channel and its parts.
    channel::GuestChannel& channel() noexcept { return primary_->channel(); }
    RingOwner& owner() noexcept { return primary_->owner(); }
    Inbound& inbound() noexcept { return primary_->inbound(); }

    /// Whether a receive queue takes the frames of a lane: Inbound::set_received().
    void set_received(std::uint16_t lane, bool received) noexcept;
    /// Whether transmit queues may send. Control threads, also while queues run.
    void set_sending(bool sending) noexcept;

    std::uint16_t lanes() const noexcept {
        return static_cast<std::uint16_t>(1 + sub_lanes_.size());
    }
    /// Requires: index < lanes().
    Lane& lane(std::size_t index) noexcept {
        return index == 0 ? *primary_ : *sub_lanes_[index - 1];
    }
    Health& health() noexcept { return *health_; }
    /// RingCount::kStalls or kGivenUp. Interrupt thread.
    void count(std::uint16_t lane, RingCount what) noexcept { options_.counters[lane][what].add(); }
    /// A channel was given up by the host, or a process died on it: only a new session may get one
    /// in its place.
    bool has_dead_lanes() noexcept;
    /// Asks the host something on the primary channel, whatever the answer: that the host reads it
    /// tells that it is there. Interrupt thread.
    void nudge() noexcept { rndis_.nudge(); }
    /// The device must not be touched any more; the port is told. Any thread.
    void fail(Health::State reason) noexcept {
        health_->fail(reason);
        options_.attention();
    }
    ControlLink& link() noexcept { return link_; }
    RndisClient& rndis() noexcept { return rndis_; }

    /// Asks the host for sub-channels, for so many lanes in all: how many it will offer, at most
    /// as many as were asked for. The kernel opens them. Requires: lanes <= kMaxQueues.
    base::Result<std::uint16_t> ask_for_lanes(std::uint16_t lanes) noexcept;
    /// Adds the sub-channel whose index is lanes(), of so many lanes in all that there will be.
    /// Requires: no queue runs. 0 or -errno.
    int add_lane(base::Placed<channel::GuestChannel> channel, std::size_t lanes) noexcept;

    /// A process died in a burst that uses this lane (Lane::lose). The others go on; without the
    /// first one there is no control, and the session has failed. Any control thread.
    void lose(std::uint16_t lane, std::uint32_t dead) noexcept;
    /// Requires: one of ours.
    std::uint16_t number_of(const Lane& lane) noexcept;
    /// Another process goes on using lanes and lines, whatever happens to the session.
    void keep_for_ever() noexcept { kept_ = true; }

    /// Ends lending on every lane: the tables, which the caller closes. Requires: no queue runs.
    std::vector<Loans*> release_loans() noexcept;

    /// Shares the sections of the send buffer out among so many transmit queues, each on a lane of
    /// its own as far as there are lanes. EBUSY when the host still holds a section and the shares
    /// would change. Requires: no transmit queue runs. 0 or -errno.
    int share_sections(std::uint16_t queues) noexcept;
    /// Requires: queue < the number given to share_sections(); there is one from the start.
    TxLine& tx_line(std::uint16_t queue) noexcept { return *tx_lines_[queue]; }

    /// Moves the data path: wire::kVfPath or kSyntheticPath. Control threads. 0 or -errno.
    int switch_data_path(std::uint32_t path) noexcept {
        const std::lock_guard guard(link_.mutex());
        return nvsp_.switch_data_path(path);
    }

    wire::NvspVersion version() const noexcept { return nvsp_.version(); }
    const HostFacts& facts() const noexcept { return facts_; }
    std::uint32_t mtu() const noexcept { return options_.mtu; }
    /// Tells the host what to do for us, if it does not know yet. Requires: a part of what it can.
    /// 0 or -errno.
    int use_offloads(const UsedOffloads& wanted) noexcept;

private:
    Session(SessionResources resources, const SessionOptions& options, base::Placed<Health> health,
            base::Placed<Lane> primary) noexcept;
    Failure bring_up() noexcept;
    Failure share_buffers() noexcept;
    Failure ask_host() noexcept;
    void choose_lanes() noexcept;
    void connect(std::uint16_t queue, Lane* to) noexcept;
    int cut_sections(std::uint16_t queues) noexcept;
    void leave_behind() noexcept;

    SessionResources resources_;
    SessionOptions options_;
    Step step_ = Step::kOpened;
    // Placed: bursts of any process use them.
    base::Placed<Health> health_;
    base::Placed<Lane> primary_;
    std::vector<base::Placed<Lane>> sub_lanes_;
    ControlLink link_;
    NvspClient nvsp_;
    RndisClient rndis_;
    HostFacts facts_{};
    bool kept_ = false;                            ///< lanes and lines are not destroyed
    std::optional<UsedOffloads> offloads_in_use_;  ///< none: whatever the host starts with
    std::vector<base::Placed<TxLine>> tx_lines_;
};

}  // namespace vmbus::netvsc
