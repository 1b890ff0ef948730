#include "ssh_session.hpp"

#include <sstream>

namespace vmbus::devbind {
namespace {

std::string folder_of(pid_t process) {
    return "/proc/" + std::to_string(process);
}

/// The fourth field; the second one is a name in parentheses, which may hold anything.
pid_t parent_of(const Tree& tree, pid_t process) {
    const std::string line = tree.line(folder_of(process) + "/stat");
    const auto name_end = line.rfind(')');
    if (name_end == std::string::npos) {
        return 0;
    }
    std::istringstream rest(line.substr(name_end + 1));
    std::string state;
    pid_t parent = 0;
    rest >> state >> parent;
    return parent;
}

std::string variable_of(const Tree& tree, pid_t process) {
    std::istringstream variables(tree.text(folder_of(process) + "/environ").value_or(""));
    constexpr std::string_view kName = "SSH_CONNECTION=";
    for (std::string each; std::getline(variables, each, '\0');) {
        if (each.starts_with(kName)) {
            return each.substr(kName.size());
        }
    }
    return {};
}

}  // namespace

std::optional<SshSession> parse_ssh_connection(const std::string& text) {
    std::istringstream words(text);
    std::string client;
    std::string port;
    std::string server;
    words >> client >> port >> server;
    const auto from = parse_address(client);
    const auto to = parse_address(server);
    return from && to ? std::optional(SshSession{*from, *to}) : std::nullopt;
}

std::optional<SshSession> find_ssh_session(const Tree& tree, const char* variable, pid_t parent) {
    if (variable != nullptr) {
        if (auto session = parse_ssh_connection(variable)) {
            return session;
        }
    }
    constexpr int kMostAncestors = 64;
    for (int i = 0; i < kMostAncestors && parent > 0; ++i) {
        if (auto session = parse_ssh_connection(variable_of(tree, parent))) {
            return session;
        }
        parent = parent_of(tree, parent);
    }
    return std::nullopt;
}

}  // namespace vmbus::devbind
