#include "report.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "codec/nvsp_codec.hpp"

namespace vmbus::host {
namespace {

using Json = nlohmann::ordered_json;

Json violations_of(const Nic& nic) {
    Json json = Json::object();
    for (std::size_t i = 0; i < kViolations; ++i) {
        const auto violation = static_cast<Violation>(i);
        if (const auto count = nic.violations().count(violation); count > 0) {
            json[to_string(violation)] = count;
        }
    }
    return json;
}

void add_drops(const Port& port, Json& json) {
    for (const auto& drop : port.drops()) {
        if (drop.frames > 0) {
            json[drop.reason] = drop.frames;
        }
    }
}

Json drops_of(const MachineNic& nic, const NicCounters& counters) {
    Json json = Json::object();
    for (std::size_t i = 0; i < kDrops; ++i) {
        if (const auto count = counters.drops[i]; count > 0) {
            json[to_string(static_cast<Drop>(i))] = count;
        }
    }
    add_drops(nic.port(), json);
    return json;
}

Json figures_of(const Port& port) {
    Json json = Json::object();
    for (const auto& figure : port.figures()) {
        json[figure.name] = figure.value;
    }
    return json;
}

Json uplink_of(const LanUplink& uplink) {
    Json drops = Json::object();
    add_drops(uplink.port(), drops);
    return {{"port", figures_of(uplink.port())}, {"drops", drops}};
}

/// What a generator's sink found, behind the rates; nothing for other ports.
std::string sink_words(const Port& port) {
    const auto figures = port.figures();
    const auto value = [&figures](std::string_view name) {
        const auto found = std::find_if(figures.begin(), figures.end(),
                                        [name](const auto& figure) { return figure.name == name; });
        return found == figures.end() ? 0 : found->value;
    };
    if (value("gen_received") == 0) {
        return {};
    }
    return fmt::format(", lost {}, reordered {}, duplicates {}, latency p50 {} us, p99 {} us",
                       value("gen_lost"), value("gen_reordered"), value("gen_duplicates"),
                       value("latency_ns_p50") / 1000, value("latency_ns_p99") / 1000);
}

/// "tx" is what the guest sent, "rx" what it was given.
Json channel_of(const Counters& c) {
    return {{"tx_packets", c.tx_packets},
            {"tx_bytes", c.tx_bytes},
            {"tx_ring_packets", c.tx_ring_packets},
            {"tx_by_section", c.tx_by_section},
            {"tx_by_gpa", c.tx_by_gpa},
            {"tx_by_both", c.tx_by_both},
            {"tx_frames_per_message", c.tx_frames_per_message},
            {"tx_large_sends", c.tx_large_sends},
            {"tx_segments", c.tx_segments},
            {"tx_vlan_tags", c.tx_vlan_tags},
            {"tx_failures", c.tx_failures},
            {"rx_packets", c.rx_packets},
            {"rx_bytes", c.rx_bytes},
            {"rx_ring_packets", c.rx_ring_packets},
            {"rx_transfer_packets", c.rx_transfer_packets},
            {"rx_vlan_tags", c.rx_vlan_tags},
            {"rx_coalesced", c.rx_coalesced},
            {"rx_coalesced_segments", c.rx_coalesced_segments},
            {"rx_no_buffer", c.rx_no_buffer},
            {"rx_ring_full", c.rx_ring_full},
            {"completions_sent", c.completions_sent},
            {"completions_received", c.completions_received},
            {"signals_from_guest", c.signals_from_guest},
            {"interrupts_to_guest", c.interrupts_to_guest},
            {"opens", c.opens}};
}

/// As many as were open at any time; the primary in any case.
Json channels_of(const Nic& nic) {
    std::size_t count = kMaxChannels;
    while (count > 1 && nic.counters_of(count - 1).opens == 0) {
        --count;
    }
    Json json = Json::array();
    for (std::size_t i = 0; i < count; ++i) {
        json.push_back(channel_of(nic.counters_of(i)));
    }
    return json;
}

std::string nvsp_name(const NicCounters& counters) {
    const char* name = codec::version_name(static_cast<wire::NvspVersion>(counters.nvsp_version));
    return name == nullptr ? "none" : name;
}

Json nic_of(const MachineNic& nic) {
    const auto counters = nic.nic().counters();
    return {{"id", wire::to_string(nic.nic().spec().id)},
            {"nvsp", nvsp_name(counters)},
            {"ndis", fmt::format("{}.{}", counters.ndis_major, counters.ndis_minor)},
            {"rndis", fmt::format("{}.{}", counters.rndis_major, counters.rndis_minor)},
            {"guest_mtu", counters.guest_mtu},
            {"guest_capabilities", counters.guest_capabilities},
            {"control_requests", counters.control_requests},
            {"control_replies", counters.control_replies},
            {"faults", counters.faults},
            {"data_path", nic.nic().on_vf() ? "vf" : "synthetic"},
            {"channels", channels_of(nic.nic())},
            {"port", figures_of(nic.port())},
            {"drops", drops_of(nic, counters)},
            {"violations", violations_of(nic.nic())}};
}

const char* state_of(const MachineNic& nic) {
    if (!nic.bound()) {
        return "unbound";
    }
    return nic.rescinded() ? "rescinded" : nic.nic().is_open() ? "open" : "offered";
}

void print_violations(const Nic& nic, std::size_t number) {
    for (std::size_t i = 0; i < kViolations; ++i) {
        const auto violation = static_cast<Violation>(i);
        const auto count = nic.violations().count(violation);
        if (count == 0) {
            continue;
        }
        std::string bytes;
        for (const std::byte byte : nic.violations().first_bytes(violation)) {
            bytes += fmt::format(" {:02x}", static_cast<unsigned>(byte));
        }
        fmt::print(stderr, "vmbus-host: nic {}: the guest broke {} {} time(s), first with:{}\n",
                   number, to_string(violation), count, bytes.empty() ? " nothing" : bytes);
    }
}

/// What the guest did otherwise than the recorded one, and where it got stuck.
void print_differences(const Playback& playback, std::size_t number) {
    for (const auto& difference : playback.differences()) {
        fmt::print(stderr, "vmbus-host: nic {}: differs: {}\n", number, difference);
    }
    if (const auto words = playback.waits_for(); !words.empty()) {
        fmt::print(stderr, "vmbus-host: nic {}: {}\n", number, words);
    }
}

std::string words_for(const RunResult& result, bool played) {
    switch (result.end) {
        case RunEnd::kReplayDone:
            return played ? "replay complete: everything recorded was said to the guest"
                          : "replay complete: every frame came back from the guest";
        case RunEnd::kReplayStuck: return "deadline: the replay is not complete, nothing moves";
        case RunEnd::kReplayLost: return "the guest wants what the recorded one never did";
        case RunEnd::kProtocolViolation: return "strict: the guest broke the protocol";
        case RunEnd::kStopped: return "stopped";
        case RunEnd::kGuestEnded: break;
    }
    return result.guest_status > 128
               ? fmt::format("the guest was killed by signal {}", result.guest_status - 128)
               : fmt::format("the guest ended with status {}", result.guest_status);
}

}  // namespace

void LiveReport::print(const Machine& machine) {
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - last_).count();
    before_.resize(machine.nics().size());
    for (std::size_t i = 0; i < before_.size(); ++i) {
        const NicCounters c = machine.nics()[i]->nic().counters();
        const auto rate = [seconds](std::uint64_t then, std::uint64_t now_count) {
            return static_cast<std::uint64_t>(static_cast<double>(now_count - then) / seconds);
        };
        fmt::print(
            "nic {}: to guest {:>10} pps, from guest {:>10} pps, violations {}{}\n", i,
            rate(before_[i].rx_packets, c.rx_packets), rate(before_[i].tx_packets, c.tx_packets),
            machine.nics()[i]->nic().violations().total(), sink_words(machine.nics()[i]->port()));
        before_[i] = c;
    }
    std::fflush(stdout);
    last_ = now;
}

void print_unbound(const Machine& machine, const KernelProfile& kernel) {
    for (std::size_t i = 0; i < machine.nics().size(); ++i) {
        if (!machine.nics()[i]->bound()) {
            fmt::print(stderr,
                       "vmbus-host: nic {}: kernel {} binds no channel without a monitor bit "
                       "(--kernel 6.12 does)\n",
                       i, kernel.name);
        }
    }
}

nlohmann::ordered_json status_of(const Machine& machine) {
    Json nics = Json::array();
    for (const auto& nic : machine.nics()) {
        Json one = nic_of(*nic);
        one["uio"] = nic->uio_number();
        one["relid"] = nic->relid();
        one["state"] = state_of(*nic);
        one["link"] = nic->nic().link_up() ? "up" : "down";
        one["openers"] = nic->openers();
        nics.push_back(std::move(one));
    }
    return {{"nics", nics}};
}

bool write_stats(const Machine& machine, const std::string& file) {
    Json nics = Json::array();
    for (const auto& nic : machine.nics()) {
        nics.push_back(nic_of(*nic));
    }
    std::ofstream stream(file, std::ios::trunc);
    Json all = {{"nics", nics}};
    for (const auto& uplink : machine.uplinks()) {
        all["lan_ports"].push_back(uplink_of(*uplink));
    }
    stream << all.dump(2) << '\n';
    return static_cast<bool>(stream.flush());
}

void print_end(Machine& machine, const RunResult& result) {
    for (std::size_t i = 0; i < machine.nics().size(); ++i) {
        print_violations(machine.nics()[i]->nic(), i);
        for (const auto& error :
             {machine.nics()[i]->port().take_error(), machine.nics()[i]->take_error()}) {
            if (!error.empty()) {
                fmt::print(stderr, "vmbus-host: nic {}: {}\n", i, error);
            }
        }
    }
    if (const auto error = machine.take_record_error(); !error.empty()) {
        fmt::print(stderr, "vmbus-host: {}\n", error);
    }
    for (std::size_t i = 0; i < machine.playbacks().size(); ++i) {
        print_differences(*machine.playbacks()[i], i);
    }
    fmt::print(stderr, "vmbus-host: {}\n", words_for(result, !machine.playbacks().empty()));
}

}  // namespace vmbus::host
