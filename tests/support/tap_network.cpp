#include "support/tap_network.hpp"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
constexpr auto kPatience = 60s;
constexpr const char* kAddress[] = {"198.18.7.1", "198.18.7.2"};
constexpr const char* kAddress6[] = {"fd00:198::1", "fd00:198::2"};
constexpr const char* kDevice[] = {"near", "far"};
constexpr unsigned kFar = 1;
constexpr unsigned kNear = 0;

/// Ends by itself even when the test hangs.
Child new_namespace() {
    return Child(
        {"unshare", "--net", "sh", "-c", "ip link set lo up && echo ready; exec sleep 600"});
}

bool can_run(const std::vector<std::string>& command) {
    Child child(command);
    return child.wait(kPatience) == 0;
}

void write_random(const std::string& path, unsigned megabytes) {
    std::mt19937_64 random(megabytes);
    std::vector<std::uint64_t> block((1U << 20) / sizeof(std::uint64_t));
    std::ofstream file(path, std::ios::binary);
    for (unsigned i = 0; i < megabytes; ++i) {
        for (auto& word : block) word = random();
        file.write(reinterpret_cast<const char*>(block.data()), 1 << 20);
    }
}

}  // namespace

TrafficSize traffic_size() {
    return std::getenv("VMBUS_SOAK") != nullptr ? TrafficSize{10, 100} : TrafficSize{2, 20};
}

std::string TapNetwork::missing() {
    if (::geteuid() != 0) return "needs root, to make tap devices";
    for (const auto& command : std::vector<std::vector<std::string>>{
             {"ip", "-V"}, {"ping", "-V"}, {"iperf3", "--version"}, {"curl", "--version"}}) {
        if (!can_run(command)) return "needs " + command[0];
    }
    if (!can_run({"unshare", "--net", "ip", "tuntap", "add", "dev", "probe", "mode", "tap"})) {
        return "no network namespaces or no tap devices on this machine";
    }
    return {};
}

TapNetwork::TapNetwork() : sides_{new_namespace(), new_namespace()} {
    for (auto& side : sides_) side.prints("ready", kPatience);
}

std::string TapNetwork::port(unsigned side) const {
    return std::string("port=tap:") + kDevice[side] + ":netns=/proc/" +
           std::to_string(sides_[side].pid()) + "/ns/net";
}

std::vector<std::string> TapNetwork::in(unsigned side, std::vector<std::string> command) const {
    command.insert(command.begin(),
                   {"nsenter", "--net=/proc/" + std::to_string(sides_[side].pid()) + "/ns/net"});
    return command;
}

std::string TapNetwork::run_in(unsigned side, const std::vector<std::string>& command) const {
    Child child(in(side, command));
    return child.wait(kPatience) == 0 ? "" : command[0] + ": " + child.output();
}

std::string TapNetwork::configure() {
    for (unsigned side : {kNear, kFar}) {
        const std::string device = kDevice[side];
        // Without duplicate address detection IPv6 works at once.
        const std::string script = "for i in $(seq 300); do ip link show " + device +
                                   " >/dev/null 2>&1 && break; sleep 0.1; done; ip address add " +
                                   kAddress[side] + "/24 dev " + device + " && ip address add " +
                                   kAddress6[side] + "/64 dev " + device + " nodad";
        if (auto why = run_in(side, {"sh", "-c", script}); !why.empty()) return why;
    }
    return {};
}

std::string TapNetwork::ping() {
    const std::string until = "for i in $(seq 60); do ping -c 1 -W 1 " +
                              std::string(kAddress[kFar]) + " && exit 0; done; exit 1";
    if (auto why = run_in(kNear, {"sh", "-c", until}); !why.empty()) return why;
    for (const char* address : {kAddress[kFar], kAddress6[kFar]}) {
        const auto why = run_in(kNear, {"ping", "-c", "5", "-i", "0.1", "-W", "5", address});
        if (!why.empty() || address == kAddress6[kFar]) return why;
    }
    return run_in(kNear, {"ping", "-c", "3", "-i", "0.1", "-W", "5", "-s", "1472", "-M", "do",
                          kAddress[kFar]});
}

std::optional<double> TapNetwork::tcp(Way way, std::string& why) {
    const Child server(in(kFar, {"iperf3", "--server", "--one-off"}));
    // It may not listen yet, and the client says so in JSON and with status 0: it is asked again.
    const std::string client = "for i in $(seq 50); do iperf3 --json --client " +
                               std::string(kAddress[kFar]) + " --time " +
                               std::to_string(traffic_size().seconds) +
                               (way == Way::kBack ? " --reverse" : "") +
                               " >out && grep -q sum_received out && cat out && exit 0; sleep 0.1; "
                               "done; cat out; exit 1";
    Child child(in(kNear, {"sh", "-c", "cd " + folder_.path("") + " && " + client}));
    why = child.wait(kPatience) == 0 ? "" : child.output();
    const auto json = nlohmann::json::parse(child.output(), nullptr, false);
    if (!why.empty() || json.is_discarded()) {
        why = "iperf3: " + child.output();
        return std::nullopt;
    }
    return json.at("end").at("sum_received").at("bits_per_second").get<double>() / 1e6;
}

std::string TapNetwork::download() {
    write_random(folder_.path("original"), traffic_size().megabytes);
    const Child server(in(kFar, {"python3", "-m", "http.server", "--directory", folder_.path(""),
                                 "--bind", kAddress[kFar], "8080"}));
    const auto url = "http://" + std::string(kAddress[kFar]) + ":8080/original";
    auto why = run_in(kNear, {"curl", "--silent", "--show-error", "--fail", "--noproxy", "*",
                              "--retry", "50", "--retry-connrefused", "--retry-delay", "1",
                              "--max-time", "50", "--output", folder_.path("copy"), url});
    if (!why.empty()) return why;
    return run_in(kNear, {"cmp", folder_.path("original"), folder_.path("copy")});
}

}  // namespace vmbus::test
