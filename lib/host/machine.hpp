// Machine: the emulated machine as a whole: its NICs, the guest program that runs on it, and the
// loop that serves both. One thread does everything.
//
// The host looks at a channel's ring while it drains it, and again only after the guest signalled,
// as on Hyper-V: a guest that forgets to signal stalls here as well.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/device_tree.hpp"
#include "host/lan_spec.hpp"
#include "host/lan_uplink.hpp"
#include "host/lockstep.hpp"
#include "host/machine_nic.hpp"
#include "host/pcapng_writer.hpp"
#include "host/playback.hpp"
#include "host/port_context.hpp"
#include "host/port_step.hpp"
#include "host/process.hpp"
#include "host/recorder.hpp"
#include "host/recording.hpp"
#include "host/service.hpp"
#include "host/signal_watch.hpp"

namespace vmbus::host {

struct MachineOptions {
    std::vector<NicSpec> nics;
    std::vector<FaultScript> faults;   ///< by NIC; may be shorter
    std::vector<std::string> command;  ///< empty: no guest of its own, guests attach
    std::string face_library = GuestProcess::default_library();
    std::vector<LanSpec> lans;  ///< what is on the lans beside the NICs
    std::string record;         ///< file for what crosses the rings (record.hpp), or empty
    /// Played to the guest on its `nics`, in the same order; or none.
    std::shared_ptr<const Recording> recording{};
    std::string capture;  ///< file for what crosses each NIC, or empty
    const KernelProfile* kernel = &default_kernel_profile();  ///< which the guest seems to have
    bool strict = false;
    bool poll = false;   ///< never sleeps
    unsigned spin = 64;  ///< turns with nothing to do before it asks guests to signal
    bool lockstep = false;
    Temper temper = Temper::kStrict;
    std::optional<unsigned> cpu;  ///< where the host stays
    std::chrono::seconds replay_deadline{10};
    std::chrono::seconds report_period{0};  ///< 0: no reports
};

enum class RunEnd {
    kGuestEnded,
    kReplayDone,
    kReplayStuck,        ///< nothing moved until the deadline
    kReplayLost,         ///< the guest wants what the recorded one never did
    kProtocolViolation,  ///< strict only
    kStopped,            ///< by request_stop()
};

struct RunResult {
    RunEnd end = RunEnd::kGuestEnded;
    int guest_status = 0;  ///< exit status, or 128 + signal
};

class Machine {
public:
    using Report = std::function<void(const Machine&)>;

    /// nullptr and one line in `why` when the system or a port refuses.
    static std::unique_ptr<Machine> create(MachineOptions options, std::string& why);
    ~Machine();

    /// Starts the guest, if it has one, and serves all guests to the end. `report` is called every
    /// report_period.
    base::Result<RunResult> run(const Report& report);

    // For services, from inside their service() or before run().
    /// Served by run() from now on. 0 or an errno.
    int add_service(Service& service);
    /// A machine without a guest of its own ends.
    void request_stop() noexcept { stop_requested_ = true; }
    /// These: false and one line in `why` when there is no such NIC, or it is not in the state for
    /// it.
    bool set_link(std::size_t nic, bool up, std::string& why);
    /// The virtual function of a NIC comes or goes.
    bool set_vf(std::size_t nic, bool present, std::string& why);
    bool rescind(std::size_t nic, std::string& why);
    /// Offers a rescinded NIC again, now or as soon as the kernel is done with the old device.
    bool offer_again(std::size_t nic, std::string& why);
    /// The host dies, and comes back after a while: all NICs go and are offered again.
    void restart(std::chrono::milliseconds after) noexcept;
    /// For guests that others start: DeviceTree::root(), and Guardian::report_fd().
    const std::string& root() const noexcept { return tree_->root(); }
    int report_fd() const noexcept { return guardian_->report_fd(); }
    const MachineOptions& options() const noexcept { return options_; }

    std::span<const std::unique_ptr<MachineNic>> nics() const noexcept { return nics_; }
    /// What is on the lans beside the NICs, in the order of the options.
    std::span<const std::unique_ptr<LanUplink>> uplinks() const noexcept { return uplinks_; }
    /// One for each NIC when a recording is played; else none.
    std::span<const std::unique_ptr<Playback>> playbacks() const noexcept { return playbacks_; }
    /// What went wrong with the record, in one line; once.
    std::string take_record_error() noexcept {
        return recorder_ == nullptr ? std::string() : recorder_->take_error();
    }
    /// Rules broken on all NICs.
    std::uint64_t violations() const noexcept;

private:
    /// Monitor bits make no file readable: a sleeping host looks at them this often. Hyper-V is
    /// asked for 100 us as well (OpenVMM netvsp).
    static constexpr auto kNap = std::chrono::microseconds(100);

    explicit Machine(MachineOptions options) : options_(std::move(options)) {}

    bool create_pages(std::string& why);
    bool create_nics(std::string& why);
    bool create_lans(std::string& why);
    bool create_capture(std::string& why);
    bool create_recorder(std::string& why);
    bool create_poll(std::string& why);
    bool watch(const Port& port) noexcept;
    bool create_lockstep(std::string& why);
    void hold_input_open() noexcept;
    void stay_on_cpu() const noexcept;

    int start_guest() noexcept;
    bool turn() noexcept;
    void take_doorbells() noexcept;
    bool arm_all() noexcept;
    void wait_for_events(std::chrono::microseconds limit) noexcept;
    void serve_events() noexcept;
    void serve_step() noexcept;
    void allow_frames(std::uint32_t frames) noexcept;
    std::vector<std::string> extra_environment() const;
    bool standing() const noexcept { return lockstep_ && lockstep_->standing(); }
    void serve_due();
    bool watch_nic(std::size_t nic) noexcept;
    SharedPages pages() noexcept;
    void replace(std::size_t nic);
    bool plays() const noexcept { return options_.recording != nullptr; }
    std::optional<RunEnd> replay_end() const noexcept;
    std::chrono::nanoseconds guests_ran() const noexcept;
    std::optional<RunEnd> playback_end() noexcept;
    bool ended() const noexcept {
        return options_.command.empty() ? stop_requested_ : guest_status_.has_value();
    }
    std::optional<RunEnd> wants_to_end() noexcept;
    RunResult end_guest(RunEnd end);

    const MachineOptions options_;
    std::optional<DeviceTree> tree_;
    std::optional<Guardian> guardian_;
    base::UniqueFd page_files_[2];
    base::Mapping interrupt_page_;
    base::Mapping monitor_page_;
    std::optional<SignalWatch> signals_;
    ChannelIds ids_;
    PortContext ports_;
    PortContext lan_ports_;
    std::shared_ptr<PcapngWriter> capture_;
    std::unique_ptr<Recorder> recorder_;  // outlives the NICs
    PlaybackPace pace_{std::chrono::steady_clock::now};
    std::vector<std::unique_ptr<Playback>> playbacks_;  // outlive the NICs
    std::vector<std::unique_ptr<LanUplink>> uplinks_;
    std::vector<std::unique_ptr<MachineNic>> nics_;
    base::UniqueFd guest_input_;  ///< what the guest reads never ends while this is open
    std::optional<Lockstep> lockstep_;
    std::vector<StepPort*> step_ports_;  ///< of all NICs, in lockstep
    std::optional<GuestProcess> guest_;
    std::optional<int> guest_status_;
    base::UniqueFd epoll_;
    std::vector<Service*> services_;
    bool stop_requested_ = false;
    bool served_ = false;  ///< guests could run; else what a capture file held stays
    /// By NIC: when to offer it again.
    std::vector<std::optional<std::chrono::steady_clock::time_point>> offers_due_;
    unsigned next_number_ = 0;  ///< of an offer
};

}  // namespace vmbus::host
