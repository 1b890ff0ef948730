#include "command_line.hpp"

#include <fmt/core.h>
#include <sched.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "client.hpp"
#include "fault_file.hpp"
#include "help.hpp"
#include "host/control_socket.hpp"
#include "host/nic_spec.hpp"
#include "replay_file.hpp"
#include "words.hpp"

namespace vmbus::host {
namespace {

constexpr int kUsage = 2;

/// What CLI11 fills in, before it means anything.
struct Words {
    std::vector<std::string> nics;
    std::vector<std::string> lans;
    std::vector<std::string> command;
    std::string fault;
    std::string replay;
    std::string kernel{default_kernel_profile().name};
    std::string temper = "strict";
    int pin = -1;
    unsigned deadline = 10;
    unsigned report_period = 0;
    std::string socket = default_control_path();  // of attach, status and inject
    bool json = false;
    Injection injection;
};

std::string kernel_names() {
    std::string names;
    for (const KernelProfile& each : kernel_profiles()) {
        names += (names.empty() ? "" : ", ") + std::string(each.name);
    }
    return names;
}

void declare_machine(CLI::App* run, Words& words, CommandLine& line) {
    run->add_option("--nic", words.nics, "Offer a NIC, see below (may be repeated)")
        ->type_name("SPEC");
    run->add_flag("--strict", line.machine.strict,
                  "End with status 3 when the guest breaks a rule");
    run->add_flag("--lockstep", line.machine.lockstep,
                  "Let the guest step the host, for counting instructions (netvsc-bench --steps)");
    run->add_option("--stats-json", line.stats_json,
                    "Write the statistics there at the end, as JSON")
        ->type_name("FILE");
    run->add_option("--stats-period", words.report_period,
                    "Print a line per NIC every N seconds (0: none)")
        ->type_name("N");
    run->add_option("--deadline", words.deadline,
                    "End a replay when nothing moved for S seconds (10)")
        ->check(CLI::Range(1U, 86400U))
        ->type_name("S");
    run->add_option(
           "--lan", words.lans,
           "Plug ports into a lan beside its NICs: name=NAME,port=PORT,... with tap, gen or "
           "pcap:out=FILE (may be repeated)")
        ->type_name("SPEC");
    run->add_option("--pcap", line.machine.capture,
                    "Write what crosses each NIC, both ways, as pcapng")
        ->type_name("FILE");
    run->add_option("--record", line.machine.record,
                    "Write what crosses the rings, for vmbus-dump and --replay")
        ->type_name("FILE");
    run->add_flag("--poll", line.machine.poll,
                  "Never sleep: answers sooner, and takes a whole CPU");
    run->add_option("--spin", line.machine.spin,
                    "Look around N times with nothing to do before asking guests to signal")
        ->check(CLI::Range(0U, 2000U))
        ->capture_default_str()
        ->type_name("N");
    run->add_option("--kernel", words.kernel,
                    "Behave as this release of the guest's kernel: " + kernel_names())
        ->capture_default_str()
        ->type_name("VERSION");
    run->add_option("--pin", words.pin, "Keep the host on this CPU (any)")->type_name("CPU");
    run->add_option("--fault", words.fault,
                    "Misbehave as this script says (docs/emulator.md, vmbus-host explain)")
        ->type_name("FILE");
    run->add_option("--socket", line.socket, "Answer status, inject and attach at this path")
        ->type_name("PATH");
    run->add_option("--temper", words.temper,
                    "What a guest that breaks a rule gets to feel: strict, tolerant or openvmm")
        ->check(CLI::IsMember({"strict", "tolerant", "openvmm"}))
        ->type_name("NAME");
}

void declare(CLI::App& app, Words& words, CommandLine& line) {
    CLI::App* run = app.add_subcommand("run", "Run CMD on an emulated machine");
    run->footer(std::string(kSpecHelp) + "\n" + kRunHelp);
    declare_machine(run, words, line);
    CLI::Option* replay = run->add_option("--replay", words.replay,
                                          "Play what --record wrote of a host to another guest; "
                                          "its NICs are those of the record, "
                                          "and --nic only says port=pcap:out=FILE of them")
                              ->type_name("FILE");
    for (const char* other : {"--lan", "--fault", "--lockstep", "--pcap", "--temper"}) {
        replay->excludes(run->get_option(other));
    }
    CLI::App* serve = app.add_subcommand("serve", "Run an emulated machine for guests that attach");
    serve->footer(std::string(kSpecHelp) + "\n" + kServeHelp);
    declare_machine(serve, words, line);
    serve->get_option("--nic")->required();
}

/// Those that speak to a host that runs.
void declare_clients(CLI::App& app, Words& words) {
    const auto add = [&](const char* name, const char* does) {
        CLI::App* client = app.add_subcommand(name, does);
        client->add_option("--socket", words.socket, "The control socket of the host")
            ->capture_default_str()
            ->type_name("PATH");
        return client;
    };
    add("attach", "Run CMD on the machine of a running host")
        ->footer("CMD and its arguments follow after --. Exits with the status of CMD.");
    add("status", "Print the state of a running host")->add_flag("--json", words.json, "As JSON");
    CLI::App* inject = add("inject", "Make a running host do something");
    inject
        ->add_option("WHAT", words.injection.what,
                     "link_up, link_down, vf_add, vf_remove, rescind, offer, crash, a fault, or "
                     "a FILE of faults")
        ->required();
    inject->add_option("--nic", words.injection.nic, "Which NIC (0)")->type_name("N");
    inject->add_option("--after", words.injection.after, "A fault: so many go well first")
        ->type_name("N");
    inject->add_option("--count", words.injection.count, "A fault: how often")->type_name("N");
    inject
        ->add_option("--delay", words.injection.delay_ms, "crash: how long the host is away (500)")
        ->type_name("MS");
}

/// True when one of them was asked for; then it is done.
bool be_client(const CLI::App& app, const Words& words, int& exit_status) {
    if (app.got_subcommand("status")) {
        exit_status = status(words.socket, words.json);
    } else if (app.got_subcommand("inject")) {
        exit_status = inject(words.socket, words.injection);
    } else if (app.got_subcommand("attach") && words.command.empty()) {
        fmt::print(stderr,
                   "vmbus-host: the command to run is missing: vmbus-host attach -- CMD ...\n");
        exit_status = kUsage;
    } else if (app.got_subcommand("attach")) {
        exit_status = attach(words.socket, words.command);
    } else {
        return false;
    }
    return true;
}

/// What only prints: when it is done, so is the program.
void declare_words(CLI::App& app, std::string& name, int& exit_status) {
    CLI::App* rule =
        app.add_subcommand("explain", "Say what a violation or a fault is, or list them all");
    rule->add_option("NAME", name, "The name of a violation or of a fault");
    rule->callback([&name, &exit_status] {
        exit_status = explain(name) ? 0 : kUsage;
        if (exit_status != 0) {
            fmt::print(stderr, "vmbus-host: no violation and no fault has the name {}\n", name);
        }
    });
    app.add_subcommand("conformance", "Print which rules are checked, and by which tests")
        ->callback([&exit_status] {
            print_conformance();
            exit_status = 0;
        });
}

/// Everything behind "--" is the guest's; CLI11 sees only what stands before it.
std::vector<std::string> split_command(int& argc, char** argv) {
    char** const end = argv + argc;
    char** const dashes =
        std::find_if(argv, end, [](const char* s) { return !std::strcmp(s, "--"); });
    argc = static_cast<int>(dashes - argv);
    return dashes == end ? std::vector<std::string>{} : std::vector<std::string>(dashes + 1, end);
}

bool parse_nics(const Words& words, MachineOptions& options, std::string& why) {
    if (!words.replay.empty()) {
        return read_replay_file(words.replay, words.nics, options, why);
    }
    if (words.nics.empty()) {
        why = "what to offer is missing: --nic SPEC, or --replay FILE";
        return false;
    }
    for (std::size_t i = 0; i < words.nics.size(); ++i) {
        const auto spec = parse_nic_spec(words.nics[i], static_cast<unsigned>(i), why);
        if (!spec) {
            why = fmt::format("--nic {}: {}", words.nics[i], why);
            return false;
        }
        options.nics.push_back(*spec);
    }
    return true;
}

bool parse_lans(const Words& words, MachineOptions& options, std::string& why) {
    for (const auto& text : words.lans) {
        const auto spec = parse_lan_spec(text, why);
        if (!spec) {
            why = fmt::format("--lan {}: {}", text, why);
            return false;
        }
        options.lans.push_back(*spec);
    }
    return true;
}

bool check_cpu(int cpu, MachineOptions& options, std::string& why) {
    if (cpu < 0) {
        return true;
    }
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    ::sched_getaffinity(0, sizeof allowed, &allowed);
    if (cpu >= CPU_SETSIZE || !CPU_ISSET(cpu, &allowed)) {
        why = fmt::format("--pin {}: this process may not run on that CPU", cpu);
        return false;
    }
    options.cpu = static_cast<unsigned>(cpu);
    return true;
}

bool check_kernel(const std::string& name, MachineOptions& options, std::string& why) {
    options.kernel = find_kernel_profile(name);
    if (options.kernel != nullptr) {
        return true;
    }
    why = fmt::format("--kernel {}: not one of {}", name, kernel_names());
    return false;
}

bool check_writable(const std::string& file, std::string& why) {
    if (file.empty() || std::ofstream(file, std::ios::app)) {
        return true;
    }
    why = fmt::format("--stats-json {}: {}", file, std::strerror(errno));
    return false;
}

bool complete(const Words& words, CommandLine& line, std::string& why) {
    line.machine.replay_deadline = std::chrono::seconds(words.deadline);
    line.machine.report_period = std::chrono::seconds(words.report_period);
    line.machine.command = words.command;
    line.machine.temper = temper_named(words.temper).value_or(Temper::kStrict);
    if (line.serve != words.command.empty()) {
        why = line.serve ? "serve takes no command: vmbus-host attach -- CMD ..."
                         : "the command to run is missing: vmbus-host run --nic SPEC -- CMD ...";
        return false;
    }
    return parse_nics(words, line.machine, why) && parse_lans(words, line.machine, why) &&
           check_kernel(words.kernel, line.machine, why) &&
           check_cpu(words.pin, line.machine, why) && check_writable(line.stats_json, why) &&
           (words.fault.empty() || read_fault_file(words.fault, line.machine, why));
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

}  // namespace

std::optional<CommandLine> parse_command_line(int argc, char** argv, int& exit_status) {
    CommandLine line;
    Words words;
    CLI::App app("vmbus-host: a Hyper-V network host for one program", "vmbus-host");
    app.set_version_flag("--version", VMBUS_VERSION);
    declare(app, words, line);
    declare_clients(app, words);
    std::string rule;
    declare_words(app, rule, exit_status);
    words.command = split_command(argc, argv);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {  // --help, --version
        exit_status = app.exit(success);
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        fmt::print(stderr, "vmbus-host: {} (see vmbus-host run --help)\n",
                   first_line(error.what()));
        exit_status = kUsage;
        return std::nullopt;
    }
    if (app.got_subcommand("explain") || app.got_subcommand("conformance")) {
        return std::nullopt;
    }
    std::string why = "what to do is missing: vmbus-host run --nic SPEC -- CMD ...";
    if (be_client(app, words, exit_status)) {
        return std::nullopt;
    }
    line.serve = app.got_subcommand("serve");
    if (line.serve && line.socket.empty()) {
        line.socket = default_control_path();
    }
    if (!(line.serve || app.got_subcommand("run")) || !complete(words, line, why)) {
        fmt::print(stderr, "vmbus-host: {}\n", first_line(why));
        exit_status = kUsage;
        return std::nullopt;
    }
    return line;
}

}  // namespace vmbus::host
