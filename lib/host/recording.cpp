#include "host/recording.hpp"

#include <set>
#include <utility>

#include "host/receive_buffer.hpp"
#include "host/record_reader.hpp"
#include "host/recorded_packet.hpp"
#include "ring/geometry.hpp"
#include "wire/ring_page.hpp"

namespace vmbus::host {
namespace {

using wire::PacketType;

/// Of one NIC while its records come in.
struct Progress {
    std::size_t channels = 0;  ///< open ones
    QuestionsRead questions;
    std::set<std::pair<std::uint16_t, std::uint64_t>>
        frames_out;  ///< channel and id, not completed
};

/// Turns records into steps. Its members say why not in `why`.
class Reading {
public:
    explicit Reading(std::string& why) : recording_(std::make_shared<Recording>()), why_(why) {}

    bool take(const Record& record);
    std::shared_ptr<const Recording> finish();

private:
    bool take_nic(const Record& record);
    bool take_opened(const Record& record);
    bool take_packet(const Record& record);
    bool take_from_guest(const Record& record, const PacketParts& parts);
    bool take_completion(const Record& record, const PacketParts& parts, bool& of_frames);
    bool is_packet(const Record& record);
    bool refuse(const std::string& what);
    RecordedStep step_of(const Record& record) const;
    void add_step(const Record& record) { add_step(record, step_of(record)); }
    void add_step(const Record& record, RecordedStep step);

    RecordedNic& nic(const Record& record) { return recording_->nics[record.place.nic]; }
    Progress& progress(const Record& record) { return progress_[record.place.nic]; }

    std::shared_ptr<Recording> recording_;
    std::vector<Progress> progress_;
    std::uint64_t number_ = 0;
    std::uint64_t guest_requests_ = 0;
    std::uint64_t last_step_ns_ = 0;
    bool all_nics_known_ = false;
    std::string& why_;
};

bool Reading::refuse(const std::string& what) {
    why_ = "record " + std::to_string(number_) + ": " + what;
    return false;
}

bool Reading::take(const Record& record) {
    ++number_;
    if (record.kind == RecordKind::kNic) {
        return take_nic(record);
    }
    all_nics_known_ = true;
    if (record.place.nic >= recording_->nics.size() || record.place.channel >= kMaxChannels) {
        return refuse("of a NIC or a channel that the record does not introduce");
    }
    switch (record.kind) {
        case RecordKind::kOpened: return take_opened(record);
        case RecordKind::kClosed:
            progress(record).channels -= progress(record).channels > 0 ? 1 : 0;
            add_step(record);
            return true;
        default: return take_packet(record);
    }
}

bool Reading::take_nic(const Record& record) {
    if (all_nics_known_) {
        return refuse("a NIC is offered while the guest runs, which is not played again");
    }
    const std::string text(reinterpret_cast<const char*>(record.packet.data()),
                           record.packet.size());
    std::string why;
    auto spec = parse_nic_spec(text, static_cast<unsigned>(recording_->nics.size()), why);
    if (!spec || record.place.nic != recording_->nics.size()) {
        return refuse("no NIC: " + (spec ? "out of turn" : why));
    }
    spec->port = NullPortSpec{};
    recording_->nics.push_back({.spec = std::move(*spec)});
    progress_.emplace_back();
    return true;
}

bool Reading::take_opened(const Record& record) {
    if (record.place.channel != progress(record).channels) {
        return refuse("a channel is opened out of turn");
    }
    ++progress(record).channels;
    if (record.place.channel == 0) {
        progress(record).frames_out.clear();
        progress(record).questions.opened();
    }
    add_step(record);
    return true;
}

bool Reading::is_packet(const Record& record) {
    const std::size_t ring_data = nic(record).spec.ring - sizeof(wire::RingPage);
    return record.packet.size() >= sizeof(wire::PacketDescriptor) &&
           record.packet.size() % ring::kUnit == 0 &&
           record.packet.size() < ring_data - 2 * sizeof(wire::PacketFooter);
}

bool Reading::take_packet(const Record& record) {
    if (record.place.channel >= progress(record).channels) {
        return refuse("a packet on a channel that is not open");
    }
    if (!is_packet(record)) {
        return refuse("no packet of this ring");
    }
    const auto parts = parts_of(record.packet);
    if (record.kind == RecordKind::kFromGuest) {
        return parts ? take_from_guest(record, *parts) : refuse("no packet of a guest");
    }
    if (record.data_cut_off > 0) {
        return refuse(std::to_string(record.data_cut_off) +
                      " bytes of what the host sent are not in the file");
    }
    bool of_frames = false;
    if (parts && parts->type() == PacketType::kCompletion &&
        !take_completion(record, *parts, of_frames)) {
        return false;
    }
    if (!of_frames &&
        !progress(record).questions.take_answer(record.place.channel, record.packet, record.data)) {
        add_step(record);
    }
    return true;
}

/// What the guest returns, it returns when it likes, and frames are tallied: neither is a step.
bool Reading::take_from_guest(const Record& record, const PacketParts& parts) {
    if (parts.type() == PacketType::kCompletion) {
        return true;
    }
    if (!kind_of_message(parts.payload, record.data).is_frames()) {
        auto step = step_of(record);
        if (!progress(record).questions.take_question(nic(record).answers, step)) {
            add_step(record, std::move(step));
        }
        return true;
    }
    for_each_frame(record.data, [&](base::Bytes frame) {
        nic(record).frames.add(frame);
        ++recording_->guest_frames;
    });
    progress(record).frames_out.emplace(record.place.channel, parts.descriptor.transaction_id);
    return true;
}

/// Frames of the guest are completed as they come. Completions that say anything else cannot be
/// played: nobody knows which frames would be meant.
bool Reading::take_completion(const Record& record, const PacketParts& parts, bool& of_frames) {
    of_frames = progress(record).frames_out.erase(
                    {record.place.channel, parts.descriptor.transaction_id}) > 0;
    if (!of_frames) {
        return true;
    }
    nic(record).message_bytes = parts.payload.size();
    const auto answer = base::try_load<wire::NvspSendRndisPacketComplete>(parts.payload);
    constexpr auto kType = static_cast<std::uint32_t>(wire::NvspType::kSendRndisPacketComplete);
    constexpr auto kSuccess = static_cast<std::uint32_t>(wire::NvspStatus::kSuccess);
    return (answer && answer->type == kType && answer->status == kSuccess) ||
           refuse("frames were not completed with SUCCESS, which is not played again");
}

RecordedStep Reading::step_of(const Record& record) const {
    const bool later = last_step_ns_ != 0 && record.time_ns > last_step_ns_;
    return {.kind = record.kind,
            .channel = record.place.channel,
            .number = number_,
            .packet = {record.packet.begin(), record.packet.end()},
            .data = {record.data.begin(), record.data.end()},
            .guest_requests = guest_requests_,
            .guest_frames = recording_->guest_frames,
            .since_before = std::chrono::nanoseconds(later ? record.time_ns - last_step_ns_ : 0)};
}

void Reading::add_step(const Record& record, RecordedStep step) {
    nic(record).steps.push_back(std::move(step));
    guest_requests_ += record.kind == RecordKind::kFromGuest ? 1 : 0;
    last_step_ns_ = record.time_ns;
}

std::shared_ptr<const Recording> Reading::finish() {
    bool anything = false;
    for (RecordedNic& nic : recording_->nics) {
        nic.goodbye = goodbye_of(nic.steps);
        anything |= !nic.steps.empty();
    }
    if (!anything) {
        why_ = "nobody says anything in it";
        return nullptr;
    }
    return recording_;
}

/// Nothing, and why, when it cannot be played.
std::shared_ptr<const Recording> read_all(RecordReader& reader, std::string& why) {
    Reading reading(why);
    while (const auto record = reader.next()) {
        if (!reading.take(*record)) {
            return nullptr;
        }
    }
    why = reader.error();
    return why.empty() ? reading.finish() : nullptr;
}

}  // namespace

std::shared_ptr<const Recording> Recording::read(const std::string& file, std::string& why) {
    const auto reader = RecordReader::open(file, why);
    if (reader == nullptr) {
        return nullptr;
    }
    auto recording = read_all(*reader, why);
    if (recording == nullptr) {
        why = file + ": " + why;
    }
    return recording;
}

}  // namespace vmbus::host
