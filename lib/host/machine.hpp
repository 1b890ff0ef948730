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
#include <utility>
#include <vector>

#include "host/device_tree.hpp"
#include "host/lan_spec.hpp"
#include "host/lan_uplink.hpp"
#include "host/lockstep.hpp"
#include "host/machine_nic.hpp"
#include "host/pcapng_writer.hpp"
#include "host/port_context.hpp"
#include "host/port_step.hpp"
#include "host/process.hpp"
#include "host/signal_watch.hpp"

namespace vmbus::host {

struct MachineOptions {
    std::vector<NicSpec> nics;
    std::vector<FaultScript> faults;  ///< by NIC; may be shorter
    std::vector<std::string> command;
    std::string face_library = GuestProcess::default_library();
    std::vector<LanSpec> lans;  ///< what is on the lans beside the NICs
    std::string capture;        ///< file for what crosses each NIC, or empty
    bool strict = false;
    bool poll = false;  ///< never sleeps
    bool lockstep = false;
    std::optional<unsigned> cpu;  ///< where the host stays
    std::chrono::seconds replay_deadline{10};
    std::chrono::seconds report_period{0};  ///< 0: no reports
};

enum class RunEnd {
    kGuestEnded,
    kReplayDone,
    kReplayStuck,        ///< nothing moved until the deadline
    kProtocolViolation,  ///< strict only
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

    /// Starts the guest and serves it to the end. `report` is called every report_period.
    base::Result<RunResult> run(const Report& report);

    std::span<const std::unique_ptr<MachineNic>> nics() const noexcept { return nics_; }
    /// What is on the lans beside the NICs, in the order of the options.
    std::span<const std::unique_ptr<LanUplink>> uplinks() const noexcept { return uplinks_; }
    /// Rules broken on all NICs.
    std::uint64_t violations() const noexcept;

private:
    explicit Machine(MachineOptions options) : options_(std::move(options)) {}

    bool create_pages(std::string& why);
    bool create_nics(std::string& why);
    bool create_lans(std::string& why);
    bool create_capture(std::string& why);
    bool create_poll(std::string& why);
    bool watch(const Port& port) noexcept;
    bool create_lockstep(std::string& why);
    void hold_input_open() noexcept;
    void stay_on_cpu() const noexcept;

    bool turn() noexcept;
    void take_doorbells() noexcept;
    bool arm_all() noexcept;
    void wait_for_events(std::chrono::microseconds limit) noexcept;
    void serve_events() noexcept;
    void serve_nics();
    void serve_step() noexcept;
    void allow_frames(std::uint32_t frames) noexcept;
    std::vector<std::string> extra_environment() const;
    bool standing() const noexcept { return lockstep_ && lockstep_->standing(); }
    std::optional<RunEnd> wants_to_end() const noexcept;
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
    std::vector<std::unique_ptr<LanUplink>> uplinks_;
    std::vector<std::unique_ptr<MachineNic>> nics_;
    base::UniqueFd guest_input_;  ///< what the guest reads never ends while this is open
    std::optional<Lockstep> lockstep_;
    std::vector<StepPort*> step_ports_;  ///< of all NICs, in lockstep
    std::optional<GuestProcess> guest_;
    std::optional<int> guest_status_;
    base::UniqueFd epoll_;
};

}  // namespace vmbus::host
