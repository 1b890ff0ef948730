#include "host/machine.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "host/fault_script.hpp"
#include "host/make_port.hpp"
#include "host/port_captured.hpp"

namespace vmbus::host {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

/// Turns without work before the host sleeps. A guest that answers at once finds it awake.
constexpr unsigned kTurnsBeforeSleeping = 2000;
/// How often a busy host looks at what is not in shared memory.
constexpr unsigned kTurnsBetweenEvents = 128;
/// How often a host looks that has slept for long; before that, kNap.
constexpr auto kLongNap = 1000us;
constexpr unsigned kNapsBeforeLongOnes = 2000;

// What epoll names: a NIC by its index, a service by kFirstService and its index, and:
constexpr std::uint64_t kFirstService = 1'000'000;
constexpr std::uint64_t kGuestTag = UINT64_MAX;
/// A port has frames: nothing to do but to look at all ports, as each turn does.
constexpr std::uint64_t kPortTag = UINT64_MAX - 1;
constexpr std::uint64_t kStepTag = UINT64_MAX - 2;

/// A step ends even if there is always something to do, as with ports that never rest.
constexpr std::uint32_t kTurnsPerStep = 100'000;

/// As many as fit.
std::uint32_t nanoseconds_since(Clock::time_point start) noexcept {
    const auto passed = std::chrono::nanoseconds(Clock::now() - start).count();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(passed, 0, UINT32_MAX));
}

}  // namespace

std::unique_ptr<Machine> Machine::create(MachineOptions options, std::string& why) {
    std::unique_ptr<Machine> machine(new Machine(std::move(options)));
    auto tree = DeviceTree::create();
    if (!tree) {
        why = std::string("creating the private folder: ") + std::strerror(tree.error());
        return nullptr;
    }
    machine->tree_.emplace(std::move(tree).value());
    auto guardian = Guardian::start(machine->tree_->root());
    if (!guardian) {
        why = std::string("starting the guardian: ") + std::strerror(guardian.error());
        return nullptr;
    }
    machine->guardian_.emplace(std::move(guardian).value());
    machine->tree_->set_ring_file_size(machine->options_.kernel->ring_file_size);
    machine->tree_->set_kernel_release(release_of(*machine->options_.kernel));
    if (!machine->create_pages(why) || !machine->create_capture(why) ||
        !machine->create_recorder(why) || !machine->create_nics(why) ||
        !machine->create_lans(why) || !machine->create_poll(why) ||
        !machine->create_lockstep(why)) {
        return nullptr;
    }
    machine->ports_.replay.watch([&machine = *machine] { return machine.guests_ran(); });
    return machine;
}

Machine::~Machine() {
    nics_.clear();
    uplinks_.clear();
    if (capture_ != nullptr && served_) {
        capture_->flush();
    }
    // Guests that attached may go on: the guardian waits for them.
    if (guardian_ && !options_.command.empty()) {
        guardian_->finish();
    }
}

bool Machine::create_pages(std::string& why) {
    constexpr const char* kNames[] = {"int_page", "monitor_page"};
    base::Mapping* const mappings[] = {&interrupt_page_, &monitor_page_};
    for (std::size_t i = 0; i < std::size(kNames); ++i) {
        auto file = tree_->create_memory(kNames[i], base::kHvPageSize);
        auto mapping = file ? base::Mapping::map_shared(file.value().get(), base::kHvPageSize)
                            : base::Result<base::Mapping>::error(file.error());
        if (!mapping) {
            why = std::string("creating shared pages: ") + std::strerror(mapping.error());
            return false;
        }
        page_files_[i] = std::move(file).value();
        *mappings[i] = std::move(mapping).value();
    }
    auto* monitor = reinterpret_cast<wire::MonitorPage*>(monitor_page_.data());
    // relaxed: no guest runs yet. All four groups are looked at.
    monitor->trigger_state.store_relaxed(0xF);
    signals_.emplace(*monitor, *reinterpret_cast<wire::InterruptPage*>(interrupt_page_.data()));
    return true;
}

SharedPages Machine::pages() noexcept {
    return {page_files_[0].get(), page_files_[1].get(), *signals_, ids_,
            *options_.kernel,     recorder_.get()};
}

bool Machine::create_nics(std::string& why) {
    offers_due_.resize(options_.nics.size());
    for (std::size_t i = 0; i < options_.nics.size(); ++i) {
        const NicSpec& spec = options_.nics[i];
        auto port = make_port(spec.port, ports_, why);
        if (port == nullptr) {
            return false;
        }
        if (capture_ != nullptr) {
            port = std::make_unique<CapturedPort>(std::move(port), capture_,
                                                  static_cast<std::uint32_t>(i));
        }
        if (options_.lockstep) {
            auto stepped = std::make_unique<StepPort>(std::move(port));
            step_ports_.push_back(stepped.get());
            port = std::move(stepped);
        }
        auto nic = MachineNic::create(*tree_, next_number_++, spec, std::move(port), pages(), why);
        if (nic == nullptr) {
            return false;
        }
        nic->nic().set_temper(options_.temper);
        if (i < options_.faults.size()) {
            nic->nic().set_faults(options_.faults[i]);
        }
        if (plays()) {
            playbacks_.push_back(std::make_unique<Playback>(options_.recording->nics[i], pace_));
            nic->nic().set_playback(*playbacks_.back());
        }
        nics_.push_back(std::move(nic));
    }
    return true;
}

bool Machine::watch_nic(std::size_t nic) noexcept {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = nic}};
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, nics_[nic]->poll_fd(), &event) == 0;
}

int Machine::add_service(Service& service) {
    epoll_event event{.events = EPOLLIN, .data = {.u64 = kFirstService + services_.size()}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, service.poll_fd(), &event) != 0) {
        return errno;
    }
    services_.push_back(&service);
    return 0;
}

/// What is on the lans beside NICs. What those ports do is no part of a replay.
bool Machine::create_lans(std::string& why) {
    lan_ports_.files = ports_.files;
    lan_ports_.generators = ports_.generators;
    for (const LanSpec& lan : options_.lans) {
        for (const PortSpec& spec : lan.ports) {
            auto port = make_port(spec, lan_ports_, why);
            if (port == nullptr) {
                why = std::string("lan ").append(lan.name).append(": ").append(why);
                ports_.refused = true;
                return false;
            }
            uplinks_.push_back(
                std::make_unique<LanUplink>(lan_named(lan.name, ports_), std::move(port)));
        }
    }
    return true;
}

bool Machine::create_recorder(std::string& why) {
    if (!options_.record.empty()) {
        recorder_ = Recorder::create(options_.record, why);
    }
    return options_.record.empty() || recorder_ != nullptr;
}

bool Machine::create_capture(std::string& why) {
    if (options_.capture.empty()) {
        return true;
    }
    constexpr int kFlags = O_WRONLY | O_CREAT | O_CLOEXEC;
    base::UniqueFd file(::open(options_.capture.c_str(), kFlags, 0644));
    struct stat state {};
    if (!file || ::fstat(file.get(), &state) != 0) {
        why = options_.capture + ": " + std::strerror(errno);
        return false;
    }
    ports_.claim(state, true);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < options_.nics.size(); ++i) {
        names.push_back("nic" + std::to_string(i));
    }
    capture_ = std::make_shared<PcapngWriter>(options_.capture, std::move(file), names);
    return true;
}

bool Machine::create_poll(std::string& why) {
    epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
    bool good = static_cast<bool>(epoll_);
    for (std::size_t i = 0; good && i < nics_.size(); ++i) {
        good = watch_nic(i) && watch(nics_[i]->port());
    }
    for (const auto& uplink : uplinks_) {
        good = good && watch(uplink->port());
    }
    if (!good) {
        why = std::string("epoll: ") + std::strerror(errno);
    }
    return good;
}

/// Edge-triggered: a port whose guest takes nothing must not keep the host awake.
bool Machine::watch(const Port& port) noexcept {
    epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.u64 = kPortTag}};
    return port.poll_fd() < 0 ||
           ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, port.poll_fd(), &event) == 0;
}

bool Machine::create_lockstep(std::string& why) {
    if (!options_.lockstep) {
        return true;
    }
    auto lockstep = Lockstep::create();
    epoll_event event{.events = EPOLLIN, .data = {.u64 = kStepTag}};
    if (!lockstep ||
        ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, lockstep.value().poll_fd(), &event) != 0) {
        why = std::string("lockstep: ") + std::strerror(errno);
        return false;
    }
    lockstep_.emplace(std::move(lockstep).value());
    return true;
}

void Machine::stay_on_cpu() const noexcept {
    if (options_.cpu) {
        cpu_set_t cpus;
        CPU_ZERO(&cpus);
        CPU_SET(*options_.cpu, &cpus);
        ::sched_setaffinity(0, sizeof cpus, &cpus);
    }
}

/// 0 or an errno.
int Machine::start_guest() noexcept {
    hold_input_open();
    auto guest = GuestProcess::start({.command = options_.command,
                                      .root = tree_->root(),
                                      .library = options_.face_library,
                                      .environment = extra_environment()},
                                     *guardian_);
    if (!guest) {
        return guest.error();
    }
    guest_.emplace(std::move(guest).value());
    if (lockstep_) {
        lockstep_->guest_started();
    }
    epoll_event event{.events = EPOLLIN, .data = {.u64 = kGuestTag}};
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, guest_->poll_fd(), &event) == 0 ? 0 : errno;
}

base::Result<RunResult> Machine::run(const Report& report) {
    if (const int error = options_.command.empty() ? 0 : start_guest(); error != 0) {
        return base::Result<RunResult>::error(error);
    }
    served_ = true;
    stay_on_cpu();  // after the guest has started: it may go where it likes

    unsigned idle_turns = 0;
    unsigned naps = 0;
    auto next_report = Clock::now() + options_.report_period;
    for (unsigned turns = 0; !ended(); ++turns) {
        if (standing()) {
            idle_turns = kTurnsBeforeSleeping;  // until the guest asks for a step
            naps = kNapsBeforeLongOnes;
        } else if (turn()) {
            idle_turns = 0;
            naps = 0;
        } else if (++idle_turns > options_.spin && !arm_all()) {
            idle_turns = 0;
        }
        if (idle_turns >= kTurnsBeforeSleeping && !options_.poll) {
            wait_for_events(++naps < kNapsBeforeLongOnes ? kNap : kLongNap);
        } else if (turns % kTurnsBetweenEvents == 0) {
            serve_events();
        } else {
            continue;
        }
        serve_due();
        if (const auto end = wants_to_end()) {
            return end_guest(*end);
        }
        if (options_.report_period > 0s && Clock::now() >= next_report) {
            next_report += options_.report_period;
            report(*this);
        }
    }
    return guest_status_ ? RunResult{RunEnd::kGuestEnded, *guest_status_}
                         : RunResult{RunEnd::kStopped, 0};
}

/// One look at everything in shared memory. True when there was something.
bool Machine::turn() noexcept {
    take_doorbells();
    bool worked = false;
    for (const auto& nic : nics_) {
        worked |= nic->port().turn();
        worked |= nic->nic().is_open() && nic->nic().poll();
    }
    for (const auto& uplink : uplinks_) {
        worked |= uplink->turn();
    }
    return worked;
}

void Machine::take_doorbells() noexcept {
    signals_->take_monitored([this](std::uint32_t monitor_id) {
        for (const auto& nic : nics_) {
            nic->take_monitored(monitor_id);
        }
    });
}

/// Asks every guest to signal. True when there is nothing to do on any NIC.
bool Machine::arm_all() noexcept {
    bool idle = true;
    for (const auto& nic : nics_) {
        idle &= !nic->nic().is_open() || nic->nic().idle_arm();
    }
    return idle;
}

void Machine::wait_for_events(std::chrono::microseconds limit) noexcept {
    epoll_event event{};
    const timespec nap{0, std::chrono::nanoseconds(limit).count()};
    if (::epoll_pwait2(epoll_.get(), &event, 1, &nap, nullptr) > 0) {
        serve_events();
    }
}

void Machine::serve_events() noexcept {
    epoll_event events[16];
    const int count = ::epoll_wait(epoll_.get(), events, std::size(events), 0);
    for (int i = 0; i < count; ++i) {
        if (events[i].data.u64 == kGuestTag) {
            guest_status_ = guest_->service();
        } else if (events[i].data.u64 == kStepTag) {
            serve_step();
        } else if (events[i].data.u64 < kFirstService) {
            nics_[events[i].data.u64]->service();
        } else if (events[i].data.u64 != kPortTag) {
            services_[events[i].data.u64 - kFirstService]->service();
        }
    }
}

void Machine::serve_step() noexcept {
    const auto request = lockstep_->take();
    if (!request) {
        return;
    }
    Lockstep::Answer answer{};
    if (request->kind == Lockstep::Kind::kStep) {
        const auto start = Clock::now();
        allow_frames(request->frames);
        // A host that serves polls: it does not ask for signals meanwhile.
        for (const auto& nic : nics_) {
            nic->nic().wake();
        }
        while (answer.turns < kTurnsPerStep && turn()) {
            ++answer.turns;
        }
        answer.nanoseconds = nanoseconds_since(start);
        allow_frames(0);
        if (options_.spin == 0) {
            arm_all();
        }
    }
    lockstep_->answer(answer);
}

void Machine::allow_frames(std::uint32_t frames) noexcept {
    for (StepPort* port : step_ports_) {
        port->allow(frames);
    }
}

std::vector<std::string> Machine::extra_environment() const {
    if (!lockstep_) {
        return {};
    }
    return {std::string(Lockstep::kVariable) + "=" + std::to_string(lockstep_->guest_fd())};
}

std::uint64_t Machine::violations() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& nic : nics_) {
        sum += nic->nic().violations().total();
    }
    return sum;
}

}  // namespace vmbus::host
