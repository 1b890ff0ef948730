#include "safety.hpp"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <memory>

namespace vmbus::devbind {
namespace {

struct Words {
    std::string_view word;
    std::string_view sentence;
};
constexpr std::array<Words, 4> kWords = {{{"default-route", "has the default route"},
                                          {"ssh", "carries this SSH session"},
                                          {"up", "is up"},
                                          {"in-use", "is in use"}}};

const Words& words_of(Danger danger) {
    return kWords[static_cast<std::size_t>(danger)];
}

std::optional<Address> address_of(const sockaddr* address) {
    Address result;
    if (address != nullptr && address->sa_family == AF_INET) {
        sockaddr_in in{};
        std::memcpy(&in, address, sizeof(in));
        std::memcpy(result.bytes.data(), &in.sin_addr, sizeof(in.sin_addr));
        return result;
    }
    if (address != nullptr && address->sa_family == AF_INET6) {
        sockaddr_in6 in{};
        std::memcpy(&in, address, sizeof(in));
        std::memcpy(result.bytes.data(), &in.sin6_addr, sizeof(in.sin6_addr));
        result.v6 = true;
        return result;
    }
    return std::nullopt;
}

std::vector<std::pair<std::string, Address>> own_addresses() {
    std::vector<std::pair<std::string, Address>> addresses;
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) {
        return addresses;
    }
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
    for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
        if (const auto address = address_of(each->ifa_addr)) {
            addresses.emplace_back(each->ifa_name, *address);
        }
    }
    return addresses;
}

bool carries_ssh(const std::string& ifname, const Surroundings& around) {
    if (!around.ssh || ifname.empty()) {
        return false;
    }
    const std::pair<std::string, Address> own{ifname, around.ssh->server};
    return interface_towards(around.routes, around.ssh->client) == ifname ||
           interface_towards(around.routes, around.ssh->server) == ifname ||
           std::find(around.addresses.begin(), around.addresses.end(), own) !=
               around.addresses.end();
}

bool is_process(const std::string& name) {
    return !name.empty() && std::all_of(name.begin(), name.end(),
                                        [](unsigned char c) { return std::isdigit(c) != 0; });
}

bool has_open(const Tree& tree, const std::string& process, const std::string& file) {
    const std::string folder = "/proc/" + process + "/fd";
    const auto descriptors = tree.list(folder);
    return std::any_of(descriptors.begin(), descriptors.end(), [&](const std::string& fd) {
        std::error_code error;
        return std::filesystem::read_symlink(tree.path(folder + "/" + fd), error) == file;
    });
}

}  // namespace

std::string_view word_of(Danger danger) {
    return words_of(danger).word;
}
std::string_view sentence_of(Danger danger) {
    return words_of(danger).sentence;
}

std::string sentence_of(const std::vector<Danger>& dangers) {
    std::string text;
    for (const Danger danger : dangers) {
        text += text.empty() ? "" : ", ";
        text += sentence_of(danger);
    }
    return text;
}

Surroundings read_surroundings(const Tree& tree, const char* variable) {
    Surroundings around{.routes = read_routes(tree),
                        .ssh = find_ssh_session(tree, variable, ::getppid()),
                        .addresses = {}};
    if (tree.is_this_machine()) {
        around.addresses = own_addresses();
    }
    return around;
}

std::vector<Danger> dangers_of_binding(const Nic& nic, const Surroundings& around) {
    std::vector<Danger> dangers;
    const std::string vf = nic.vf ? nic.vf->ifname : std::string();
    if (has_default_route(around.routes, nic.ifname) || has_default_route(around.routes, vf)) {
        dangers.push_back(Danger::kDefaultRoute);
    }
    if (carries_ssh(nic.ifname, around) || carries_ssh(vf, around)) {
        dangers.push_back(Danger::kSsh);
    }
    if (nic.up()) {
        dangers.push_back(Danger::kUp);
    }
    return dangers;
}

std::vector<std::string> users_of(const Tree& tree, const std::string& uio) {
    std::vector<std::string> users;
    if (uio.empty()) {
        return users;
    }
    for (const auto& process : tree.list("/proc")) {
        if (is_process(process) && has_open(tree, process, "/dev/" + uio)) {
            users.push_back(process + " (" + tree.line("/proc/" + process + "/comm") + ")");
        }
    }
    return users;
}

}  // namespace vmbus::devbind
