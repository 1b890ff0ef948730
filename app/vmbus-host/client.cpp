#include "client.hpp"

#include <fmt/core.h>
#include <poll.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "host/control_client.hpp"
#include "host/process.hpp"

namespace vmbus::host {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFailed = 1;
constexpr int kUsage = 2;

int fail(const std::string& why) {
    fmt::print(stderr, "vmbus-host: {}\n", why);
    return kFailed;
}

/// Nothing, and said why, when there is no host or it refuses.
std::optional<Json> ask(ControlClient& client, const Json& request,
                        ControlClient::Answer* whole = nullptr) {
    auto answer = client.ask(request.dump());
    if (!answer) {
        fail(fmt::format("the host does not answer: {}", std::strerror(answer.error())));
        return std::nullopt;
    }
    Json json = Json::parse(answer.value().text, nullptr, false);
    if (!json.is_object() || !json.value("ok", false)) {
        fail(json.is_object() ? json.value("why", "refused") : "the host's answer is not JSON");
        return std::nullopt;
    }
    if (whole != nullptr) {
        *whole = std::move(answer).value();
    }
    return json;
}

std::optional<ControlClient> connect(const std::string& socket) {
    auto client = ControlClient::connect(socket);
    if (!client) {
        fail(fmt::format("no host at {}: {}", socket, std::strerror(client.error())));
        return std::nullopt;
    }
    return std::move(client).value();
}

int wait_for(GuestProcess& guest) {
    std::optional<int> status;
    while (!status) {
        pollfd state{.fd = guest.poll_fd(), .events = POLLIN, .revents = 0};
        ::poll(&state, 1, -1);
        status = guest.service();
    }
    return *status;
}

void print_words(const Json& answer) {
    fmt::print("kernel {}\n", answer.value("kernel", "?"));
    for (const Json& guest : answer["guests"]) {
        fmt::print("guest {}: {}\n", guest.value("pid", 0), guest.value("command", ""));
    }
    std::size_t number = 0;
    for (const Json& nic : answer["nics"]) {
        std::uint64_t violations = 0;
        for (const auto& [name, count] : nic["violations"].items()) {
            violations += count.get<std::uint64_t>();
        }
        fmt::print("nic {}: {} uio{} {} link {} nvsp {} channels {} opened by {} violations {}\n",
                   number++, nic.value("id", "?"), nic.value("uio", 0), nic.value("state", "?"),
                   nic.value("link", "?"), nic.value("nvsp", "?"), nic["channels"].size(),
                   nic["openers"].dump(), violations);
    }
}

bool is_action(const std::string& what) {
    constexpr const char* kActions[] = {"link_up", "link_down", "vf_add", "vf_remove",
                                        "rescind", "offer",     "crash"};
    return std::find(std::begin(kActions), std::end(kActions), what) != std::end(kActions);
}

Json one_fault(const Injection& injection) {
    Json step = {{"what", injection.what}, {"nic", injection.nic}};
    if (injection.after) step["after"] = *injection.after;
    if (injection.count) step["count"] = *injection.count;
    return {{"faults", Json::array({step})}};
}

/// What to send, or a discarded value.
Json request_of(const Injection& injection) {
    if (is_action(injection.what)) {
        return {
            {"action", injection.what}, {"nic", injection.nic}, {"delay_ms", injection.delay_ms}};
    }
    if (injection.what == "-") {
        return Json::parse(std::cin, nullptr, false);
    }
    if (std::ifstream file(injection.what); file) {
        return Json::parse(file, nullptr, false);
    }
    return one_fault(injection);
}

}  // namespace

int attach(const std::string& socket, const std::vector<std::string>& command) {
    auto client = connect(socket);
    if (!client) {
        return kFailed;
    }
    std::string words;
    for (const std::string& word : command) {
        words += (words.empty() ? "" : " ") + word;
    }
    ControlClient::Answer whole;
    // The connection stays open as long as the guest lives: so the host knows of it.
    const auto answer = ask(*client, {{"do", "attach"}, {"command", words}}, &whole);
    if (!answer) {
        return kFailed;
    }
    auto guest = GuestProcess::start({.command = command,
                                      .root = answer->value("root", ""),
                                      .library = answer->value("library", "")},
                                     whole.fd.get());
    return guest ? wait_for(guest.value())
                 : fail(fmt::format("starting {}: {}", command.front(),
                                    std::strerror(guest.error())));
}

int status(const std::string& socket, bool json) {
    auto client = connect(socket);
    const auto answer = client ? ask(*client, {{"do", "status"}}) : std::nullopt;
    if (!answer) {
        return kFailed;
    }
    if (json) {
        fmt::print("{}\n", answer->dump(2));
    } else {
        print_words(*answer);
    }
    return 0;
}

int inject(const std::string& socket, const Injection& injection) {
    Json request = request_of(injection);
    if (request.is_array()) {
        request = Json{{"faults", request}};
    }
    if (!request.is_object()) {
        fmt::print(stderr, "vmbus-host: {}: not JSON\n", injection.what);
        return kUsage;
    }
    request["do"] = "inject";
    auto client = connect(socket);
    return client && ask(*client, request) ? 0 : kFailed;
}

}  // namespace vmbus::host
