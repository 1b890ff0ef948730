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

#include "fault_file.hpp"
#include "host/nic_spec.hpp"

namespace vmbus::host {
namespace {

constexpr int kUsage = 2;

/// What CLI11 fills in, before it means anything.
struct Words {
    std::vector<std::string> nics;
    std::vector<std::string> lans;
    std::vector<std::string> command;
    std::string fault;
    int pin = -1;
    unsigned deadline = 10;
    unsigned report_period = 0;
};

void declare(CLI::App& app, Words& words, CommandLine& line) {
    CLI::App* run = app.add_subcommand("run", "Run CMD on an emulated machine");
    run->footer("CMD and its arguments follow after --. All of it: docs/emulator.md");
    run->add_option("--nic", words.nics, "Offer a NIC: key=value,... (may be repeated)")
        ->required()
        ->type_name("SPEC");
    run->add_flag("--strict", line.machine.strict,
                  "End with status 3 when the guest breaks a rule");
    run->add_flag("--lockstep", line.machine.lockstep,
                  "Let the guest step the host, for counting instructions");
    run->add_option("--stats-json", line.stats_json, "Write the statistics at the end")
        ->type_name("FILE");
    run->add_option("--stats-period", words.report_period, "Print a line per NIC every N seconds")
        ->type_name("N");
    run->add_option("--deadline", words.deadline, "End a replay when nothing moved for S seconds")
        ->check(CLI::Range(1U, 86400U))
        ->type_name("S");
    run->add_option("--lan", words.lans,
                    "Plug taps and captures into a lan: name=NAME,port=PORT,...")
        ->type_name("SPEC");
    run->add_option("--pcap", line.machine.capture, "Write what crosses each NIC, as pcapng")
        ->type_name("FILE");
    run->add_flag("--poll", line.machine.poll, "Never sleep");
    run->add_option("--pin", words.pin, "Keep the host on this CPU")->type_name("CPU");
    run->add_option("--fault", words.fault, "Misbehave as this script says")->type_name("FILE");
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
    if (words.command.empty()) {
        why = "the command to run is missing: vmbus-host run --nic SPEC -- CMD ...";
        return false;
    }
    return parse_nics(words, line.machine, why) && parse_lans(words, line.machine, why) &&
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
    std::string why = "what to do is missing: vmbus-host run --nic SPEC -- CMD ...";
    if (!app.got_subcommand("run") || !complete(words, line, why)) {
        fmt::print(stderr, "vmbus-host: {}\n", first_line(why));
        exit_status = kUsage;
        return std::nullopt;
    }
    return line;
}

}  // namespace vmbus::host
