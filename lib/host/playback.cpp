#include "host/playback.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "codec/nvsp_codec.hpp"
#include "wire/nvsp.hpp"
#include "wire/packet.hpp"
#include "wire/rndis.hpp"

namespace vmbus::host {
namespace {

using wire::NvspType;
using wire::PacketType;
using wire::RndisType;

/// Where the request id stands in every RNDIS control message.
constexpr std::size_t kRequestIdOffset = sizeof(wire::RndisHeader);
constexpr std::size_t kUnit = 8;

std::uint32_t word_at(base::Bytes bytes, std::size_t offset) noexcept {
    return base::try_load<std::uint32_t>(bytes, offset).value_or(0);
}

bool is_rndis_reply(std::uint32_t type) noexcept {
    constexpr std::uint32_t kReplyBit = 0x80000000;
    return (type & kReplyBit) != 0;
}

/// A recorded packet, cut at its own lengths.
struct Parts {
    wire::PacketDescriptor descriptor{};
    base::Bytes header;
    base::Bytes payload;

    PacketType type() const noexcept { return static_cast<PacketType>(descriptor.type); }
};

std::optional<Parts> parts_of(base::Bytes packet) noexcept {
    const auto descriptor = base::try_load<wire::PacketDescriptor>(packet);
    const std::size_t offset = descriptor ? descriptor->data_offset8 * kUnit : 0;
    if (offset < sizeof(wire::PacketDescriptor) || offset > packet.size()) {
        return std::nullopt;
    }
    return Parts{.descriptor = *descriptor,
                 .header = packet.subspan(sizeof *descriptor, offset - sizeof *descriptor),
                 .payload = packet.subspan(offset)};
}

ring::OutgoingPacket again(const Parts& parts, std::uint64_t id) noexcept {
    return {.type = parts.type(),
            .completion_requested = (parts.descriptor.flags & wire::kCompletionRequested) != 0,
            .transaction_id = id,
            .header = parts.header,
            .payload = parts.payload};
}

}  // namespace

bool RequestKind::is_data() const noexcept {
    return nvsp == static_cast<std::uint32_t>(NvspType::kSendRndisPacket) &&
           rndis == static_cast<std::uint32_t>(RndisType::kPacket);
}

RequestKind kind_of_request(base::Bytes payload, base::Bytes data) noexcept {
    RequestKind kind{.nvsp = word_at(payload, 0)};
    if (kind.nvsp == static_cast<std::uint32_t>(NvspType::kSendRndisPacket)) {
        kind.rndis = word_at(data, 0);
        const bool has_oid = kind.rndis == static_cast<std::uint32_t>(RndisType::kQuery) ||
                             kind.rndis == static_cast<std::uint32_t>(RndisType::kSet);
        kind.oid = has_oid ? word_at(data, offsetof(wire::RndisQuery, oid)) : 0;
    }
    return kind;
}

std::string to_string(const RequestKind& kind) {
    std::string text = "NVSP message " + std::to_string(kind.nvsp);
    text += kind.rndis == 0 ? "" : ", RNDIS message " + std::to_string(kind.rndis);
    text += kind.oid == 0 ? "" : ", OID " + std::to_string(kind.oid);
    return text;
}

void Playback::heard(std::uint64_t transaction_id, base::Bytes payload, base::Bytes data) {
    const RequestKind kind = kind_of_request(payload, data);
    if (kind.is_data()) {
        frames_.push_back(transaction_id);
        return;
    }
    if (kind.nvsp == static_cast<std::uint32_t>(NvspType::kSendReceiveBuffer)) {
        receive_id_ =
            base::try_load<std::uint16_t>(payload, offsetof(wire::NvspSendReceiveBuffer, id))
                .value_or(0);
    }
    if (kind.nvsp != static_cast<std::uint32_t>(NvspType::kSendRndisPacketComplete)) {
        requests_.push_back({transaction_id, kind, word_at(data, kRequestIdOffset)});
    }
}

bool Playback::speak(Outbox& outbox, base::MutableBytes receive) {
    bool said = false;
    bool goes_on = true;
    while (goes_on && !finished()) {
        const Step& step = steps_[at_];
        const bool guest = step.kind == RecordKind::kFromGuest;
        bool fits = true;
        const bool done = guest ? step_request(step) : step_host(step, outbox, receive, fits);
        said |= !guest && done;
        goes_on = done && fits;
        at_ += goes_on ? 1 : 0;
    }
    return complete_frames(outbox) || said;
}

/// True when the guest has asked what the recorded one asked, or need not ask.
bool Playback::step_request(const Step& step) {
    const auto parts = parts_of(step.packet);
    if (!parts || parts->type() == PacketType::kCompletion) {
        return true;  // what the guest returns, it returns when it likes
    }
    const RequestKind kind = kind_of_request(parts->payload, step.data);
    if (kind.is_data()) {
        return true;
    }
    if (requests_.empty()) {
        return false;
    }
    const Heard heard = requests_.front();
    if (heard.kind != kind) {
        difference_ = "step " + std::to_string(at_ + 1) + ": recorded was " + to_string(kind) +
                      ", the guest said " + to_string(heard.kind);
        return false;
    }
    requests_.pop_front();
    ids_[parts->descriptor.transaction_id] = heard.id;
    rndis_requests_[word_at(step.data, kRequestIdOffset)] = heard.rndis_request;
    return true;
}

bool Playback::step_host(const Step& step, Outbox& outbox, base::MutableBytes receive, bool& fits) {
    const auto parts = parts_of(step.packet);
    if (!parts) {
        return true;  // a packet that was broken on purpose has no meaning to repeat
    }
    return parts->type() == PacketType::kCompletion ? say_completion(step, outbox, fits)
                                                    : say_packet(step, outbox, receive, fits);
}

/// Completions of frames are left to complete_frames(): there may be more or fewer of them now.
bool Playback::say_completion(const Step& step, Outbox& outbox, bool& fits) {
    const auto parts = *parts_of(step.packet);
    const auto known = ids_.find(parts.descriptor.transaction_id);
    if (known == ids_.end()) {
        return true;
    }
    fits = outbox.send(again(parts, known->second));
    if (fits) {
        ids_.erase(known);
    }
    return fits;
}

bool Playback::say_packet(const Step& step, Outbox& outbox, base::MutableBytes receive,
                          bool& fits) {
    const auto parts = *parts_of(step.packet);
    auto packet = again(parts, parts.descriptor.transaction_id);
    std::vector<std::byte> header(parts.header.begin(), parts.header.end());
    if (parts.type() == PacketType::kTransferPages &&
        header.size() >= sizeof(wire::TransferPagesHeader)) {
        put_ranges(step, header, receive);
        base::store_at(header, offsetof(wire::TransferPagesHeader, pageset_id), receive_id_);
        packet.header = header;
    }
    fits = outbox.send(packet);
    return fits;
}

/// The recorded bytes of each range, where the record says that they were, as far as that is
/// inside. Replies get the request id that this guest used.
void Playback::put_ranges(const Step& step, base::Bytes header, base::MutableBytes receive) const {
    base::Bytes data = step.data;
    for (std::size_t at = sizeof(wire::TransferPagesHeader); !data.empty();
         at += sizeof(wire::TransferPageRange)) {
        const auto range = base::try_load<wire::TransferPageRange>(header, at);
        if (!range) {
            return;
        }
        const auto bytes = data.first(std::min<std::size_t>(range->byte_count, data.size()));
        data = data.subspan(bytes.size());
        if (!base::try_slice(receive, range->byte_offset, bytes.size())) {
            continue;
        }
        const auto place = receive.subspan(range->byte_offset, bytes.size());
        std::copy(bytes.begin(), bytes.end(), place.begin());
        const auto request = rndis_requests_.find(word_at(bytes, kRequestIdOffset));
        if (is_rndis_reply(word_at(bytes, 0)) && request != rndis_requests_.end()) {
            base::store_at(place, kRequestIdOffset, request->second);
        }
    }
}

bool Playback::complete_frames(Outbox& outbox) {
    bool said = false;
    while (!frames_.empty() && outbox.room() > 0) {
        outbox.complete_rndis(frames_.front(), wire::NvspStatus::kSuccess, wire::kNoSendSection);
        frames_.pop_front();
        said = true;
    }
    return said;
}

}  // namespace vmbus::host
