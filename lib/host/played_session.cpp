#include "host/played_session.hpp"

#include <algorithm>
#include <array>

#include "host/send_buffer.hpp"
#include "ring/gpa_list.hpp"

namespace vmbus::host {
namespace {

constexpr std::uint32_t kPacketsPerTurn = 256;
constexpr std::uint32_t kEthernetBytes = 14;
/// As many as a record can hold of one packet.
constexpr std::size_t kMostDataBytes = kMostRecordBytes;
constexpr std::size_t kMostSpans = 512;

}  // namespace

std::unique_ptr<PlayedSession> PlayedSession::open(const NicContext& nic, GuestMemory& memory,
                                                   base::MutableBytes rings,
                                                   std::span<Counters> counters,
                                                   Playback& playback) {
    if (!playback.opened()) {
        return nullptr;
    }
    std::unique_ptr<PlayedSession> session(new PlayedSession(nic, memory, counters, playback));
    session->receive_.attach(nic.buffers.receive, wire::kReceiveBufferId,
                             nic.spec.mtu + kEthernetBytes);
    return session->open_channel(rings) ? std::move(session) : nullptr;
}

PlayedSession::~PlayedSession() {
    playback_.closed();
}

bool PlayedSession::open_channel(base::MutableBytes rings) {
    const auto pair = make_ring_pair(rings);
    if (!pair || channels_.size() >= granted()) {
        return false;
    }
    const std::size_t index = channels_.size();
    channels_.push_back(std::make_unique<PlayedChannel>(nic_, static_cast<std::uint32_t>(index),
                                                        *pair, receive_, counters_[index]));
    channels_.back()->outbox().set_message_bytes(playback_.message_bytes());
    return true;
}

bool PlayedSession::turn() noexcept {
    bool busy = false;
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        busy |= listen(static_cast<std::uint16_t>(i));
    }
    busy |= speak();
    for (const auto& channel : channels_) {
        busy |= channel->end_turn();
    }
    return busy;
}

// ---- Hearing.

bool PlayedSession::listen(std::uint16_t channel) {
    std::uint32_t heard = 0;
    ring::PacketView view;
    while (heard < kPacketsPerTurn && channels_[channel]->next(view)) {
        hear(channel, view);
        ++heard;
    }
    return heard > 0;
}

void PlayedSession::hear(std::uint16_t channel, const ring::PacketView& view) {
    packet_.resize(view.packet_size());
    view.copy_packet(packet_);
    const auto parts = parts_of(packet_);
    if (!parts) {
        return;  // the guest changed its packet meanwhile
    }
    RingTap& tap = channels_[channel]->tap();
    tap.begin_from_guest(view);
    fetch_data(*parts);
    tap.points_to(data_);
    tap.end_from_guest();
    if (parts->type() == wire::PacketType::kCompletion) {
        ++channels_[channel]->counters().completions_received;
        playback_.returned(view.transaction_id());
    } else if (kind_of_message(parts->payload, data_).is_frames()) {
        hear_frames(*channels_[channel], view);
    } else {
        playback_.asked(channel, *parts, data_);
    }
}

void PlayedSession::hear_frames(PlayedChannel& channel, const ring::PacketView& view) {
    for_each_frame(data_, [&](base::Bytes bytes) {
        const Frame frame{bytes};
        playback_.sent(bytes);
        nic_.port.transmit(std::span(&frame, 1));
        ++channel.counters().tx_packets;
        channel.counters().tx_bytes += bytes.size();
    });
    if (view.completion_requested()) {
        channel.outbox().complete_rndis(view.transaction_id(), wire::NvspStatus::kSuccess,
                                        wire::kNoSendSection);
    }
}

/// What an RNDIS message points to: a section of the send buffer, pages, or both. Empty when it
/// points to nothing that is there.
void PlayedSession::fetch_data(const PacketParts& parts) {
    data_.clear();
    const auto message = base::try_load<wire::NvspSendRndisPacket>(parts.payload);
    constexpr auto kType = static_cast<std::uint32_t>(wire::NvspType::kSendRndisPacket);
    if (!message || message->type != kType || parts.type() == wire::PacketType::kCompletion) {
        return;
    }
    if (message->send_section_index != wire::kNoSendSection) {
        const auto section = base::try_slice(
            nic_.buffers.send, std::size_t{message->send_section_index} * kSendSectionBytes,
            message->send_section_length);
        if (section) {
            data_.assign(section->begin(), section->end());
        }
    }
    if (parts.type() == wire::PacketType::kGpaDirect && !fetch_pages(parts.header)) {
        data_.clear();
    }
}

bool PlayedSession::fetch_pages(base::Bytes header) {
    const auto head = base::try_load<wire::GpaDirectHeader>(header);
    std::array<ring::GpaSpan, kMostSpans> spans;
    const auto list =
        head ? ring::parse_gpa_list(header.subspan(sizeof *head), head->range_count, spans)
             : ring::GpaList{.error = ring::GpaListError::kTruncated};
    if (list.error != ring::GpaListError::kNone || list.bytes > kMostDataBytes) {
        return false;
    }
    const std::size_t before = data_.size();
    data_.resize(before + list.bytes);
    return memory_.gather(std::span(spans).first(list.spans),
                          base::MutableBytes(data_).subspan(before));
}

// ---- Speaking.

bool PlayedSession::speak() {
    bool said = false;
    for (std::uint32_t packets = 0; packets < kPacketsPerTurn; ++packets) {
        const auto* const due = playback_.due(channels_.size());
        if (due == nullptr || !say(*due)) {
            break;
        }
        playback_.said();
        said = true;
    }
    return said;
}

bool PlayedSession::say(const PlayedPacket& due) {
    PlayedChannel& channel = *channels_[due.channel];
    channel.outbox().flush();  // a completion is not overtaken by what it caused
    put_data(due);
    if (channel.is_dead() || !channel.outbox().send_as_is(due.packet)) {
        return false;
    }
    channel.counters().rx_transfer_packets += due.has_frames ? 1 : 0;
    channel.counters().rx_packets += due.has_frames ? due.ranges.size() : 0;
    return true;
}

/// Each range's bytes where the record says that they were, as far as that is inside.
void PlayedSession::put_data(const PlayedPacket& due) const noexcept {
    base::Bytes left = due.data;
    for (const auto& range : due.ranges) {
        const auto bytes = left.first(std::min<std::size_t>(range.byte_count, left.size()));
        left = left.subspan(bytes.size());
        if (base::try_slice(nic_.buffers.receive, range.byte_offset, bytes.size())) {
            std::copy(bytes.begin(), bytes.end(), nic_.buffers.receive.begin() + range.byte_offset);
        }
    }
}

}  // namespace vmbus::host
