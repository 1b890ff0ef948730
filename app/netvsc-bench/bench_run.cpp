#include "bench_run.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace netvsc_bench {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

void append(Words& to, const Words& what) {
    to.insert(to.end(), what.begin(), what.end());
}

std::string nic_of(const Case& what) {
    std::string port = "null";
    if (what.measure == "latency") {
        port = "loop";
    } else if (what.measure != "tx") {
        port = "gen:len=" + what.size + ":flows=64";
        port += what.rate == 0 ? "" : ":rate=" + std::to_string(what.rate);
    }
    return "port=" + port;
}

Words guest_of(const Workshop& workshop, const Case& what, Driver driver) {
    Words words;
    if (what.callgrind) {
        append(words, {"valgrind", "--tool=callgrind", "--collect-atstart=no",
                       "--toggle-collect=measured_*_burst",
                       "--callgrind-out-file=" + workshop.folder + "/callgrind." + what.measure +
                           "." + to_string(driver)});
    }
    append(words, {workshop.self, "--lcores", "0@" + std::to_string(workshop.driver_cpu),
                   "--no-huge", "-m", "512", "--no-pci", "--no-telemetry",
                   "--file-prefix=netvsc-bench-" + std::to_string(::getpid())});
    if (driver == Driver::kOurs) {
        append(words, {"-d", workshop.plugin});
    }
    append(words, {"--", "--measure", what.measure, "--size", what.size, "--queues",
                   std::to_string(what.queues), "--warm-up", "0.1", "--seconds",
                   std::to_string(what.seconds), "--json", workshop.folder + "/guest.json"});
    if (what.steps != 0) {
        append(words, {"--steps", std::to_string(what.steps), "--bursts-per-step",
                       std::to_string(what.bursts_per_step)});
    }
    return words;
}

Words command_of(const Workshop& workshop, const Case& what, Driver driver) {
    Words words = {workshop.host, "run",        "--pin",        std::to_string(workshop.host_cpu),
                   "--nic",       nic_of(what), "--stats-json", workshop.folder + "/host.json"};
    if (what.steps != 0) {
        words.push_back("--lockstep");
    }
    if (what.host_sleeps) {
        append(words, {"--spin", "0"});
    }
    words.push_back("--");
    append(words, guest_of(workshop, what, driver));
    return words;
}

pid_t start(Words& command, const std::string& log) {
    std::vector<char*> arguments;
    for (std::string& word : command) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0644);
    posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    pid_t pid = -1;
    const int error =
        ::posix_spawnp(&pid, arguments[0], &files, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    return error == 0 ? pid : -1;
}

/// Asks it to end at the deadline, and makes it end soon after. True when it ended well.
bool wait_for(pid_t pid, std::chrono::seconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    int status = 0;
    bool asked = false;
    while (::waitpid(pid, &status, WNOHANG) == 0) {
        const auto now = std::chrono::steady_clock::now();
        if (now > deadline && !asked) {
            ::kill(pid, SIGTERM);
            asked = true;
        } else if (now > deadline + 15s) {
            ::kill(pid, SIGKILL);
        }
        std::this_thread::sleep_for(10ms);
    }
    return !asked && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Json read(const std::string& path) {
    std::ifstream file(path);
    return file ? Json::parse(file, nullptr, false) : Json();
}

/// What callgrind says at the end of its log.
std::uint64_t collected_in(const std::string& log) {
    std::ifstream file(log);
    constexpr std::string_view kLabel = "Collected : ";
    for (std::string line; std::getline(file, line);) {
        if (const auto at = line.find(kLabel); at != std::string::npos) {
            return std::stoull(line.substr(at + kLabel.size()));
        }
    }
    return 0;
}

}  // namespace

const char* to_string(Driver driver) {
    return driver == Driver::kOurs ? "ours" : "distribution";
}

std::optional<Json> run(const Workshop& workshop, const Case& what, Driver driver) {
    const std::string log = workshop.folder + "/run." + to_string(driver) + ".log";
    for (const char* file : {"/guest.json", "/host.json"}) {
        ::unlink((workshop.folder + file).c_str());
    }
    Words command = command_of(workshop, what, driver);
    const pid_t pid = start(command, log);
    if (pid < 0 || !wait_for(pid, workshop.deadline)) {
        return std::nullopt;
    }
    Json result = read(workshop.folder + "/guest.json");
    const Json host = read(workshop.folder + "/host.json");
    if (!result.is_object() || !host.is_object()) {
        return std::nullopt;
    }
    result["driver"] = to_string(driver);
    if (what.rate != 0) {
        result["offered"] = what.rate;
    }
    if (what.callgrind) {
        result["instructions"] = collected_in(log);
    }
    result["host"] = host["nics"][0]["channels"];
    return result;
}

}  // namespace netvsc_bench
