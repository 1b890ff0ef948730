#include "net/netvsc/telemetry.hpp"

#include <rte_telemetry.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

#include "net/netvsc/port.hpp"

namespace vmbus::netvsc::telemetry {
namespace {

/// A dictionary takes 256 entries; this many queue pairs have fewer.
constexpr unsigned kQueuesPerPage = 8;
static_assert(kQueuesPerPage * (RxCounters::kSize + 1 + TxCounters::kSize) <
              RTE_TEL_MAX_DICT_ENTRIES);

constinit std::mutex lock;
constinit std::array<Port*, RTE_MAX_ETHPORTS> ports{};

struct Arguments {
    Port* port = nullptr;
    unsigned page = 0;
};

std::optional<unsigned> take_number(std::string_view& text) noexcept {
    unsigned value = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
    return value;
}

/// "PORT" or "PORT,PAGE". Requires: the lock.
std::optional<Arguments> parse(const char* parameters) noexcept {
    std::string_view text = parameters == nullptr ? "" : parameters;
    const auto id = take_number(text);
    if (!id || *id >= ports.size() || ports[*id] == nullptr) {
        return std::nullopt;
    }
    Arguments arguments{.port = ports[*id]};
    if (text.starts_with(',')) {
        text.remove_prefix(1);
        const auto page = take_number(text);
        if (!page) {
            return std::nullopt;
        }
        arguments.page = *page;
    }
    return text.empty() ? std::optional(arguments) : std::nullopt;
}

using Answer = void (*)(const Arguments& arguments, rte_tel_data& data);

/// The frame of each command but the first.
template <Answer answer>
int command(const char* /*name*/, const char* parameters, rte_tel_data* data) noexcept {
    const std::lock_guard guard(lock);
    const auto arguments = parse(parameters);
    if (!arguments) {
        return -EINVAL;
    }
    rte_tel_data_start_dict(data);
    answer(*arguments, *data);
    return 0;
}

void add_number(rte_tel_data& data, const char* name, std::uint64_t value) {
    rte_tel_data_add_dict_u64(&data, name, value);
}

int list_ports(const char* /*name*/, const char* /*parameters*/, rte_tel_data* data) noexcept {
    const std::lock_guard guard(lock);
    rte_tel_data_start_array(data, RTE_TEL_INT_VAL);
    for (std::size_t id = 0; id < ports.size(); ++id) {
        if (ports[id] != nullptr) {
            rte_tel_data_add_array_int(data, static_cast<int>(id));
        }
    }
    return 0;
}

/// The counters of queues of one page, in one direction.
void add_queues(const Arguments& arguments, rte_tel_data& data) {
    const unsigned first = arguments.page * kQueuesPerPage;
    arguments.port->view().for_each_counter(
        [&](const char* direction, unsigned queue, const char* name, std::uint64_t value) {
            if (std::string_view(direction) == "ring" || queue < first ||
                queue >= first + kQueuesPerPage) {
                return;
            }
            std::array<char, RTE_TEL_MAX_STRING_LEN> full{};
            format_name(full, direction, queue, name);
            add_number(data, full.data(), value);
        });
}

void add_rings(const Arguments& arguments, rte_tel_data& data) {
    const unsigned first = arguments.page * kQueuesPerPage;
    arguments.port->view().for_each_ring([&](unsigned ring, const char* name, std::uint64_t value) {
        if (ring < first || ring >= first + kQueuesPerPage) {
            return;
        }
        std::array<char, RTE_TEL_MAX_STRING_LEN> full{};
        format_name(full, "ring", ring, name);
        add_number(data, full.data(), value);
    });
}

/// What the host did wrong, by ring: the counters of the ring that are not zero.
void add_violations(const Arguments& arguments, rte_tel_data& data) {
    unsigned entries = 0;
    arguments.port->view().for_each_counter([&](const char* direction, unsigned queue,
                                                const char* name, std::uint64_t value) {
        if (std::string_view(direction) != "ring" || value == 0 ||
            !std::string_view(name).ends_with("_errors") || ++entries > RTE_TEL_MAX_DICT_ENTRIES) {
            return;
        }
        std::array<char, RTE_TEL_MAX_STRING_LEN> full{};
        format_name(full, direction, queue, name);
        add_number(data, full.data(), value);
    });
}

void add_session(const Arguments& arguments, rte_tel_data& data) {
    const Port& port = *arguments.port;
    std::array<char, 64> version{};
    if (port.view().firmware_version(version) != 0) {
        rte_tel_data_add_dict_string(&data, "state", "none");
        return;
    }
    rte_tel_data_add_dict_string(&data, "state", port.alive() ? "alive" : "dead");
    rte_tel_data_add_dict_string(&data, "version", version.data());
    const HostFacts& facts = port.facts();
    const HostOffloads& can = facts.offloads;
    add_number(data, "mtu", port.session_mtu());
    add_number(data, "receive_pieces", facts.receive.count);
    add_number(data, "receive_piece_bytes", facts.receive.sub_allocation_size);
    add_number(data, "send_sections", facts.send.sections);
    add_number(data, "send_section_bytes", facts.send.section_bytes);
    add_number(data, "link_speed_mbps", facts.speed_mbps);
    add_number(data, "tx_checksums", can.checksums.tx);
    add_number(data, "rx_checksums", can.checksums.rx);
    add_number(data, "lso_ipv4_max_bytes", can.lso_ipv4.max_bytes);
    add_number(data, "lso_ipv6_max_bytes", can.lso_ipv6.max_bytes);
    add_number(data, "coalesces", can.coalesces ? 1 : 0);
    add_number(data, "addresses_known", port.addresses_known() ? 1 : 0);
}

/// Whether frames go through a VF now, and what became of those before.
void add_vf(const Arguments& arguments, rte_tel_data& data) {
    arguments.port->view().for_each_counter(
        [&](const char* direction, unsigned /*queue*/, const char* name, std::uint64_t value) {
            if (std::string_view(direction) == "vf") {
                add_number(data, name, value);
            }
        });
}

}  // namespace

std::mutex& mutex() noexcept {
    return lock;
}

void add(Port& port) noexcept {
    const std::lock_guard guard(lock);
    ports[port.ethdev().data->port_id] = &port;
}

void remove(Port& port) noexcept {
    const std::lock_guard guard(lock);
    std::replace(ports.begin(), ports.end(), &port, static_cast<Port*>(nullptr));
}

void register_commands() noexcept {
    rte_telemetry_register_cmd("/netvsc/ports", list_ports,
                               "Ids of the netvsc ports. No parameter");
    rte_telemetry_register_cmd("/netvsc/session", command<add_session>,
                               "What the host said when the session began. Parameter: port id");
    rte_telemetry_register_cmd("/netvsc/queues", command<add_queues>,
                               "Counters of eight queue pairs. Parameters: port id[,page]");
    rte_telemetry_register_cmd("/netvsc/rings", command<add_rings>,
                               "Sizes and fill of eight channels. Parameters: port id[,page]");
    rte_telemetry_register_cmd("/netvsc/violations", command<add_violations>,
                               "What the host did wrong, by name. Parameter: port id");
    rte_telemetry_register_cmd("/netvsc/vf", command<add_vf>,
                               "The port's virtual function. Parameter: port id");
}

}  // namespace vmbus::netvsc::telemetry
