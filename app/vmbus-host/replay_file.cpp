#include "replay_file.hpp"

#include <fmt/core.h>

namespace vmbus::host {
namespace {

/// What the recorded NIC is plugged into: it only takes.
bool is_sink(const NicSpec& spec) {
    const bool is_port_alone =
        spec.text.starts_with("port=") && spec.text.find(',') == std::string::npos;
    const auto* const pcap = std::get_if<PcapPortSpec>(&spec.port);
    return is_port_alone && (std::holds_alternative<NullPortSpec>(spec.port) ||
                             (pcap != nullptr && pcap->in.empty()));
}

}  // namespace

bool read_replay_file(const std::string& file, const std::vector<std::string>& nics,
                      MachineOptions& options, std::string& why) {
    options.recording = Recording::read(file, why);
    if (options.recording == nullptr) {
        why = "--replay " + why;
        return false;
    }
    for (const RecordedNic& recorded : options.recording->nics) {
        options.nics.push_back(recorded.spec);
    }
    if (nics.size() > options.nics.size()) {
        why = fmt::format("--nic {}: the record has {} NICs", nics.back(), options.nics.size());
        return false;
    }
    for (std::size_t i = 0; i < nics.size(); ++i) {
        const auto spec = parse_nic_spec(nics[i], static_cast<unsigned>(i), why);
        if (!spec || !is_sink(*spec)) {
            why = fmt::format("--nic {}: {}", nics[i],
                              spec ? "with --replay only port=null or port=pcap:out=FILE" : why);
            return false;
        }
        options.nics[i].port = spec->port;
    }
    return true;
}

}  // namespace vmbus::host
