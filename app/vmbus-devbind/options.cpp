#include "options.hpp"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <array>

#include "exit_code.hpp"
#include "tree.hpp"

namespace vmbus::devbind {
namespace {

constexpr const char* kDeviceHelp =
    "Interface name, MAC address, UUID, or an unambiguous beginning of one of the latter two";

/// Which options a command takes beside those that all take.
struct Takes {
    bool json = false;
    bool devices = false;
    bool must_have_devices = false;
    bool changes = false;  // --force, --dry-run
    bool waits = false;    // --timeout
    bool plugin = false;
};

struct Verb {
    Command command;
    const char* name;
    const char* alias;
    const char* does;
    Takes takes;
};

constexpr std::array kVerbs = {
    Verb{Command::kStatus,
         "status",
         "",
         "Show the NICs by what they are bound to",
         {.json = true, .devices = true}},
    Verb{Command::kBind,
         "bind",
         "",
         "Bind NICs to uio_hv_generic, for DPDK",
         {.devices = true, .must_have_devices = true, .changes = true, .waits = true}},
    Verb{Command::kRestore,
         "unbind",
         "restore",
         "Give NICs back to the driver that they came from",
         {.devices = true, .must_have_devices = true, .changes = true, .waits = true}},
    Verb{Command::kPersist,
         "persist",
         "",
         "Have NICs bound again after a reboot, by driverctl",
         {.devices = true, .must_have_devices = true, .changes = true}},
    Verb{Command::kUnpersist,
         "unpersist",
         "",
         "Have NICs left alone after a reboot",
         {.devices = true, .must_have_devices = true, .changes = true}},
    Verb{Command::kArgs,
         "args",
         "",
         "Print the EAL options for the bound NICs of this machine",
         {.devices = true, .plugin = true}},
    Verb{Command::kDoctor,
         "doctor",
         "",
         "Look for what keeps DPDK from the NICs, and how to mend it",
         {.json = true, .plugin = true}},
    Verb{Command::kWatch, "watch", "", "Print what changes, until a signal", {.json = true}},
};

void declare_devices(CLI::App& app, Options& options, bool required) {
    app.add_option("DEV", options.devices, kDeviceHelp)->required(required)->type_name("");
}

void declare_force(CLI::App& app, Options& options) {
    app.add_flag(
        "--force", options.force,
        "Also a NIC that is up, in use, has the default route or carries this SSH session");
    app.add_flag("--dry-run", options.dry_run, "Print what would be written, and write nothing");
}

void declare_root(CLI::App& app, Options& options) {
    app.add_option(
           "--sysfs-root", options.sysfs_root,
           "Work on this folder, which holds sys, proc, etc, run and dev, or what is in sys")
        ->type_name("DIR")
        ->check(CLI::ExistingDirectory);
}

void declare_timeout(CLI::App& app, Options& options) {
    app.add_option("--timeout", options.timeout_s, "Longest wait for each step to settle")
        ->check(CLI::Range(1U, 3600U))
        ->capture_default_str()
        ->type_name("SECONDS");
}

void declare_verb(CLI::App& app, const Verb& verb, Options& options) {
    CLI::App* sub = app.add_subcommand(verb.name, verb.does);
    if (*verb.alias != '\0') {
        sub->alias(verb.alias);
    }
    if (verb.takes.devices) {
        declare_devices(*sub, options, verb.takes.must_have_devices);
    }
    if (verb.takes.json) {
        sub->add_flag("--json", options.json, "As JSON: docs/devbind.md");
    }
    if (verb.takes.changes) {
        declare_force(*sub, options);
    }
    if (verb.takes.waits) {
        declare_timeout(*sub, options);
    }
    if (verb.takes.plugin) {
        sub->add_option("--plugin", options.plugin, "The driver, where it is not found by itself")
            ->type_name("FILE");
    }
    if (verb.command == Command::kWatch) {
        sub->add_option("--interval", options.interval_ms, "Time between two looks")
            ->check(CLI::Range(1U, 60000U))
            ->capture_default_str()
            ->type_name("MS");
        sub->add_option("--duration", options.duration_s, "End by itself after so long")
            ->type_name("SECONDS");
    }
    declare_root(*sub, options);
}

/// dpdk-devbind.py's options.
struct Devbind {
    bool status = false;
    bool unbind = false;
    std::string driver;
};

void declare_devbind(CLI::App& app, Devbind& devbind, Options& options) {
    app.add_flag("-s,--status", devbind.status, "As `status`");
    app.add_option("-b,--bind", devbind.driver,
                   "As `bind` with uio_hv_generic, as `unbind` with hv_netvsc")
        ->type_name("DRIVER");
    app.add_flag("-u,--unbind", devbind.unbind, "As `unbind`");
    declare_devices(app, options, false);
    declare_force(app, options);
    declare_timeout(app, options);
    declare_root(app, options);
}

/// Empty when it makes sense; else what is wrong with it.
std::string take_devbind(const Devbind& devbind, Options& options) {
    const int given = int{devbind.status} + int{devbind.unbind} + int{!devbind.driver.empty()};
    if (given == 0) {
        return options.devices.empty() ? "what to do is missing"
                                       : "not a command: " + options.devices.front();
    }
    if (given > 1) {
        return "-s, -b and -u exclude each other";
    }
    if (!devbind.driver.empty() && devbind.driver != kUioDriver && devbind.driver != kNetDriver) {
        return "-b binds to uio_hv_generic or to hv_netvsc, not to " + devbind.driver;
    }
    options.command = devbind.status                 ? Command::kStatus
                      : devbind.driver == kUioDriver ? Command::kBind
                                                     : Command::kRestore;
    return options.command != Command::kStatus && options.devices.empty() ? "DEV is missing" : "";
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

constexpr const char* kFooter =
    "Exit status: 0 done, 1 failed, 2 wrong usage or ambiguous DEV, 3 nothing matched,\n"
    "4 refused for safety, 5 a privilege or a kernel module is missing. All of it: docs/devbind.md";

}  // namespace

std::optional<Options> parse_options(int argc, char** argv, int& exit_status) {
    Options options;
    Devbind devbind;
    CLI::App app("vmbus-devbind: binds NICs of Hyper-V for DPDK, and gives them back",
                 "vmbus-devbind");
    app.set_version_flag("--version", VMBUS_VERSION);
    app.footer(kFooter);
    app.require_subcommand(0, 1);
    for (const Verb& verb : kVerbs) {
        declare_verb(app, verb, options);
    }
    declare_devbind(app, devbind, options);
    std::string why;
    try {
        app.parse(argc, argv);
        for (const Verb& verb : kVerbs) {
            if (app.got_subcommand(verb.name)) {
                options.command = verb.command;
                return options;
            }
        }
        why = take_devbind(devbind, options);
    } catch (const CLI::Success& success) {  // --help, --version
        exit_status = app.exit(success);
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        why = first_line(error.what());
    }
    if (why.empty()) {
        return options;
    }
    fmt::print(stderr, "vmbus-devbind: {} (see vmbus-devbind --help)\n", why);
    exit_status = static_cast<int>(Exit::kUsage);
    return std::nullopt;
}

}  // namespace vmbus::devbind
