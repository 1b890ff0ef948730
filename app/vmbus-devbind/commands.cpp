#include "commands.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "change.hpp"
#include "doctor.hpp"
#include "eal_line.hpp"
#include "match.hpp"
#include "persist.hpp"
#include "status.hpp"
#include "watch.hpp"
#include "wire/guid.hpp"

namespace vmbus::devbind {
namespace {

void say(const std::string& message) {
    fmt::print(stderr, "vmbus-devbind: {}\n", message);
}

void print(const std::string& data) {
    fmt::print("{}\n", data);
    std::fflush(stdout);
}

/// Whatever bytes a name in sysfs may hold.
std::string words(const nlohmann::ordered_json& json, int indent) {
    return json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// Reads what it needs when it is needed; each command is one function.
class Session {
public:
    explicit Session(const Options& options)
        : options_(options), tree_(options.sysfs_root), records_(tree_) {}

    Exit run() {
        switch (options_.command) {
            case Command::kStatus: return status();
            case Command::kBind:
            case Command::kRestore: return change();
            case Command::kPersist: return persist();
            case Command::kUnpersist: return unpersist();
            case Command::kArgs: return args();
            case Command::kDoctor: return doctor();
            case Command::kWatch: return watch();
        }
        return Exit::kUsage;
    }

private:
    Surroundings surroundings() const {
        return read_surroundings(tree_, std::getenv("SSH_CONNECTION"));
    }
    ChangeOptions change_options() const {
        return {.force = options_.force,
                .dry_run = options_.dry_run,
                .deadline = std::chrono::seconds(options_.timeout_s)};
    }

    /// The NICs that the command line names, each once; all of them when it names none.
    Exit choose(std::vector<Nic>& chosen) const {
        const auto nics = read_nics(tree_, records_);
        if (options_.devices.empty()) {
            chosen = nics;
            return Exit::kOk;
        }
        for (const auto& word : options_.devices) {
            if (const Exit exit = choose_one(nics, word, chosen); exit != Exit::kOk) {
                return exit;
            }
        }
        return Exit::kOk;
    }

    Exit choose_one(const std::vector<Nic>& nics, const std::string& word,
                    std::vector<Nic>& chosen) const {
        const auto found = matching(nics, word);
        if (found.empty()) {
            say(fmt::format("{}: no VMBus NIC has this interface name, MAC address or UUID{}", word,
                            tree_.exists("/sys/bus/vmbus") ? "" : "; this machine has no VMBus"));
            return Exit::kNothingMatched;
        }
        if (found.size() > 1) {
            std::string all;
            for (const std::size_t i : found) {
                all += fmt::format(" {} ({})", nics[i].uuid, nics[i].name());
            }
            say(fmt::format("{}: ambiguous, it may be any of{}", word, all));
            return Exit::kUsage;
        }
        const Nic& nic = nics[found.front()];
        if (std::none_of(chosen.begin(), chosen.end(),
                         [&](const Nic& each) { return each.uuid == nic.uuid; })) {
            chosen.push_back(nic);
        }
        return Exit::kOk;
    }

    Exit status() const {
        std::vector<Nic> nics;
        const Exit exit = choose(nics);
        if (exit != Exit::kOk) {
            return exit;
        }
        if (!tree_.exists("/sys/bus/vmbus")) {
            say("this machine has no VMBus");
        }
        const auto around = surroundings();
        print(options_.json ? words(status_json(nics, around), 2) : status_text(nics, around));
        return Exit::kOk;
    }

    Exit change() {
        LiveKernel kernel(tree_);
        Change change(tree_, kernel, change_options(), {print, say});
        change.begin();
        std::vector<Nic> nics;
        if (const Exit exit = choose(nics); exit != Exit::kOk) {
            return exit;
        }
        return options_.command == Command::kBind ? change.bind(nics, surroundings())
                                                  : change.restore(nics);
    }

    Exit persist() const {
        std::vector<Nic> nics;
        const Exit exit = choose(nics);
        return exit != Exit::kOk ? exit
                                 : Persistence(tree_, change_options(), {print, say})
                                       .persist(nics, surroundings());
    }

    /// A NIC that has gone may still be persisted: its full UUID is enough.
    Exit unpersist() const {
        const auto nics = read_nics(tree_, records_);
        std::vector<std::string> uuids;
        for (const auto& word : options_.devices) {
            const auto guid = wire::parse_guid(word);
            if (guid && !persisted_driver(tree_, to_string(*guid)).empty()) {
                uuids.push_back(to_string(*guid));
                continue;
            }
            std::vector<Nic> chosen;
            if (const Exit exit = choose_one(nics, word, chosen); exit != Exit::kOk) {
                return exit;
            }
            uuids.push_back(chosen.front().uuid);
        }
        return Persistence(tree_, change_options(), {print, say}).unpersist(uuids);
    }

    Exit args() const {
        std::vector<Nic> nics;
        if (const Exit exit = choose(nics); exit != Exit::kOk) {
            return exit;
        }
        for (const Nic& nic : nics) {
            if (!nic.on_uio() && !options_.devices.empty()) {
                say(fmt::format("{}: not on uio_hv_generic: vmbus-devbind bind {}", nic.name(),
                                nic.name()));
                return Exit::kFailed;
            }
        }
        std::erase_if(nics, [](const Nic& nic) { return !nic.on_uio(); });
        if (nics.empty()) {
            say("no NIC is on uio_hv_generic: vmbus-devbind bind DEV");
            return Exit::kNothingMatched;
        }
        const auto plugin = find_plugin(options_.plugin);
        if (!plugin) {
            say("the driver librte_net_netvsc_uio.so is not found (--plugin FILE)");
        }
        print(eal_line(tree_, nics, plugin));
        return Exit::kOk;
    }

    Exit doctor() const {
        const auto examinations = examine({.tree = tree_,
                                           .nics = read_nics(tree_, records_),
                                           .around = surroundings(),
                                           .plugin = find_plugin(options_.plugin),
                                           .page_size = ::sysconf(_SC_PAGESIZE)});
        fmt::print("{}", options_.json ? words(doctor_json(examinations), 2) + "\n"
                                       : doctor_text(examinations));
        return has_errors(examinations) ? Exit::kFailed : Exit::kOk;
    }

    void print_events(const std::vector<Event>& events) const {
        for (const Event& event : events) {
            print(options_.json ? words(event_json(event, time_now(), surroundings()), -1)
                                : event_text(event, time_now()));
        }
    }

    Exit watch() {
        LiveKernel kernel(tree_);  // for its signals
        const auto end = kernel.now() + std::chrono::seconds(options_.duration_s);
        auto before = read_nics(tree_, records_);
        print_events(events_at_start(before));
        while (!kernel.stop_wanted() && (options_.duration_s == 0 || kernel.now() < end)) {
            std::this_thread::sleep_for(std::chrono::milliseconds(options_.interval_ms));
            auto now = read_nics(tree_, records_);
            print_events(events_between(before, now));
            before = std::move(now);
        }
        return Exit::kOk;
    }

    const Options& options_;
    Tree tree_;
    Records records_;
};

}  // namespace

Exit run_command(const Options& options) {
    return Session(options).run();
}

}  // namespace vmbus::devbind
