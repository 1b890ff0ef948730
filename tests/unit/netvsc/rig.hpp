// What a netvsc guest needs of the world, in ordinary memory: rings, buffers, a doorbell; and a
// host that a test writes itself: a thread that answers packets, right by default, wrong where the
// test says so.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <vector>

#include "codec/nvsp_codec.hpp"
#include "codec/rndis_codec.hpp"
#include "codec/rndis_packet.hpp"
#include "net/netvsc/control/session.hpp"

namespace vmbus::netvsc::test {

using Message = std::vector<std::byte>;

inline constexpr std::uint32_t kRingBytes = 16 * 4096;
inline constexpr std::uint32_t kSection = 6144;
inline constexpr std::uint32_t kSections = 16;
inline constexpr std::uint32_t kPiece = 1808;
inline constexpr std::uint32_t kPieces = 64;
inline constexpr std::uint32_t kReceiveGpadl = 0xE1E11;
inline constexpr std::uint32_t kSendGpadl = 0xE1E12;

struct alignas(4096) Page {
    std::byte bytes[4096];
};

/// Guest and host memory of one channel.
struct Rig {
    Rig()
        : rings(2 * (1 + kRingBytes / 4096)),
          receive(kPiece * kPieces),
          send(kSection * kSections) {
        auto tx = half(0);
        auto rx = half(1);
        ring::initialise(tx);
        ring::initialise(rx);
    }
    ring::MappedRing half(int which) {
        const std::size_t bytes = rings.size() / 2 * sizeof(Page);
        const base::MutableBytes all(rings[0].bytes, 2 * bytes);
        return ring::MappedRing::view(all.subspan(which == 0 ? 0 : bytes, bytes), 4096).value();
    }
    base::Placed<channel::GuestChannel> channel(
        ring::Publication mode = ring::Publication::kOrdered) {
        return base::make_placed<channel::GuestChannel>(
            half(0), half(1), mode, channel::GuestDoorbell::monitored(monitor, 5));
    }
    SessionResources resources() {
        return {.channel = channel(),
                .receive_buffer = receive,
                .send_buffer = send,
                .receive_gpadl = kReceiveGpadl,
                .send_gpadl = kSendGpadl};
    }

    std::vector<Page> rings;
    Message receive;
    Message send;
    alignas(4096) wire::MonitorPage monitor{};
};

inline Message bytes(base::Bytes span) {
    return {span.begin(), span.end()};
}
template <class T>
Message nvsp(const T& message) {
    return bytes(codec::encode_nvsp(message));
}
template <class Encode>
Message rndis(Encode&& encode) {
    Message buffer(4096);
    buffer.resize(encode(base::MutableBytes(buffer)));
    return buffer;
}
constexpr std::uint32_t raw(auto value) {
    return static_cast<std::uint32_t>(value);
}

/// A frame with its head, as a host sends it.
inline Message data_message(std::size_t length, int mark = 0, const codec::PacketInfo& info = {}) {
    Message message(codec::packet_head_bytes(info.has) + length);
    const auto head = codec::build_packet_head(message, info, static_cast<std::uint32_t>(length));
    for (std::size_t i = 0; i < length; ++i) {
        message[head + i] = static_cast<std::byte>(i * 7 + static_cast<std::size_t>(mark));
    }
    return message;
}

/// The host's end of a rig's rings. One thread at a time.
class HostEnd {
public:
    explicit HostEnd(Rig& rig) : HostEnd(rig, rig) {}
    /// Of a sub-channel: rings of its own, but the buffers of the NIC.
    HostEnd(Rig& rings, Rig& buffers)
        : rig_(buffers),
          reader_(rings.half(0)),
          writer_(rings.half(1), ring::Publication::kSingle) {}

    std::optional<ring::PacketView> take() {
        ring::PacketView view;
        reader_.release();
        return reader_.poll() && reader_.next(view) ? std::optional(view) : std::nullopt;
    }
    void put(const ring::OutgoingPacket& packet) {
        ring::Reservation place;
        while (writer_.reserve(packet.ring_bytes(), place) != ring::ReserveStatus::kOk) {
            std::this_thread::yield();
        }
        writer_.fill(place).put(packet);
        writer_.publish(place);
    }
    void complete(std::uint64_t id, base::Bytes payload) {
        put({.type = wire::PacketType::kCompletion, .transaction_id = id, .payload = payload});
    }
    void complete_rndis(std::uint64_t id, wire::NvspStatus status = wire::NvspStatus::kSuccess) {
        complete(
            id, nvsp(wire::NvspSendRndisPacketComplete{
                    .type = raw(wire::NvspType::kSendRndisPacketComplete), .status = raw(status)}));
    }
    struct Transfer {
        std::uint64_t id = 0;
        std::vector<wire::TransferPageRange> ranges{};
        std::uint16_t pageset = wire::kReceiveBufferId;
        std::uint32_t type = raw(wire::NvspType::kSendRndisPacket);
        bool wants_ack = true;
    };
    void transfer(const Transfer& what) {
        Message header(sizeof(wire::TransferPagesHeader) +
                       what.ranges.size() * sizeof(wire::TransferPageRange));
        base::store_at(header, 0,
                       wire::TransferPagesHeader{
                           .pageset_id = what.pageset,
                           .reserved = 0,
                           .range_count = static_cast<std::uint32_t>(what.ranges.size())});
        const auto ranges = std::as_bytes(std::span(what.ranges));
        std::copy(ranges.begin(), ranges.end(),
                  header.begin() + std::ptrdiff_t{sizeof(wire::TransferPagesHeader)});
        put({.type = wire::PacketType::kTransferPages,
             .completion_requested = what.wants_ack,
             .transaction_id = what.id,
             .header = header,
             .payload = nvsp(wire::NvspSendRndisPacket{.type = what.type,
                                                       .channel_type = 0,
                                                       .send_section_index = wire::kNoSendSection,
                                                       .send_section_length = 0})});
    }
    /// Puts a message into piece `piece` and returns its range.
    wire::TransferPageRange piece(std::uint32_t piece, base::Bytes message) {
        std::memcpy(rig_.receive.data() + piece * kPiece, message.data(), message.size());
        return {.byte_count = static_cast<std::uint32_t>(message.size()),
                .byte_offset = piece * kPiece};
    }
    void deliver(std::uint32_t piece_number, base::Bytes message) {
        transfer({.id = piece_number, .ranges = {piece(piece_number, message)}});
    }
    base::MutableBytes section(std::uint32_t index) {
        return base::MutableBytes(rig_.send).subspan(index * kSection, kSection);
    }
    Rig& rig() { return rig_; }

private:
    Rig& rig_;
    ring::Reader reader_;
    ring::Writer writer_;
};

/// A host on a thread of its own. Behaviour is data: a test replaces an answer before it starts.
class ScriptedHost {
public:
    explicit ScriptedHost(Rig& rig) : end(rig) {}
    ~ScriptedHost() { stop(); }
    void start() {
        thread_ = std::jthread([this](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                if (const auto view = end.take()) {
                    handle(*view);
                } else {
                    std::this_thread::sleep_for(std::chrono::microseconds(20));
                }
            }
        });
    }
    void stop() {
        if (thread_.joinable()) {
            thread_.request_stop();
            thread_.join();
        }
    }

    HostEnd end;
    // What it answers.
    wire::NvspVersion newest = wire::NvspVersion::kV61;
    std::optional<Message> init_reply{};  ///< instead of the right one
    wire::NvspSendReceiveBufferComplete receive_layout{
        raw(wire::NvspType::kSendReceiveBufferComplete), 1, 1, 0, kPiece, kPieces, kPiece* kPieces};
    wire::NvspSendSendBufferComplete send_layout{raw(wire::NvspType::kSendSendBufferComplete), 1,
                                                 kSection};
    std::function<Message(std::uint32_t id, wire::Oid oid)> answer_query = default_answer;
    std::function<void(HostEnd&)> before_reply = [](HostEnd&) {};
    std::function<bool(HostEnd&, const ring::PacketView&)> instead = [](auto&, auto&) {
        return false;
    };
    std::function<wire::NvspSubChannelComplete(std::uint32_t count)> grant =
        [](std::uint32_t count) {
            return wire::NvspSubChannelComplete{raw(wire::NvspType::kSubChannel), 1, count};
        };
    bool silent_on_query = false;
    wire::NvspStatus control_status = wire::NvspStatus::kSuccess;
    // What it saw; read after stop().
    std::vector<wire::NvspType> nvsp_seen;
    std::vector<wire::RndisType> rndis_seen;
    std::vector<std::uint32_t> filters;
    std::vector<std::uint32_t> sub_channels_asked;
    std::uint32_t announced_mtu = 0;
    unsigned acks = 0;

    static Message default_answer(std::uint32_t id, wire::Oid oid) {
        const auto reply = [id](base::Bytes info) {
            return rndis([&](base::MutableBytes out) {
                return codec::encode_query_complete(out, id, wire::RndisStatus::kSuccess, info);
            });
        };
        constexpr std::uint8_t kMac[] = {0, 0x15, 0x5D, 1, 2, 3};
        switch (oid) {
            case wire::Oid::kPermanentAddress: return reply(std::as_bytes(std::span(kMac)));
            case wire::Oid::kMaximumFrameSize: return reply(base::bytes_of(std::uint32_t{1500}));
            case wire::Oid::kLinkSpeed: return reply(base::bytes_of(std::uint32_t{100'000'000}));
            default: return reply(base::bytes_of(std::uint32_t{0}));
        }
    }

private:
    void handle(const ring::PacketView& view) {
        if (instead(end, view)) {
            return;
        }
        if (view.type() == wire::PacketType::kCompletion) {
            ++acks;
            return;
        }
        const auto type =
            static_cast<wire::NvspType>(view.payload<wire::NvspHeader>().value().type);
        nvsp_seen.push_back(type);
        switch (type) {
            case wire::NvspType::kInit: init(view); break;
            case wire::NvspType::kSendNdisConfig:
                announced_mtu = view.payload<wire::NvspSendNdisConfig>()->mtu;
                break;
            case wire::NvspType::kSendReceiveBuffer:
                end.complete(view.transaction_id(), nvsp(receive_layout));
                break;
            case wire::NvspType::kSendSendBuffer:
                end.complete(view.transaction_id(), nvsp(send_layout));
                break;
            case wire::NvspType::kSendRndisPacket: control(view); break;
            case wire::NvspType::kSubChannel:
                sub_channels_asked.push_back(view.payload<wire::NvspSubChannelRequest>()->count);
                end.complete(view.transaction_id(), nvsp(grant(sub_channels_asked.back())));
                break;
            default: break;
        }
    }
    void init(const ring::PacketView& view) {
        const auto wanted = view.payload<wire::NvspInit>()->protocol_version;
        const bool accepted = wanted <= raw(newest);
        end.complete(
            view.transaction_id(),
            init_reply.value_or(nvsp(wire::NvspInitComplete{
                .type = raw(wire::NvspType::kInitComplete),
                .negotiated_version = 0xFFFFFFFF,
                .max_mdl_chain_length = 34,
                .status = raw(accepted ? wire::NvspStatus::kSuccess : wire::NvspStatus::kNone)})));
    }
    void control(const ring::PacketView& view) {
        const auto packet = view.payload<wire::NvspSendRndisPacket>().value();
        const Message request =
            bytes(end.section(packet.send_section_index).first(packet.send_section_length));
        end.complete_rndis(view.transaction_id(), control_status);
        const auto type =
            static_cast<wire::RndisType>(base::load_at<wire::RndisHeader>(request, 0).type);
        rndis_seen.push_back(type);
        before_reply(end);
        if (const Message reply = answer(type, request); !reply.empty()) {
            end.deliver(replies_++ % 2, reply);  // the one before may not be read yet
        }
    }
    Message answer(wire::RndisType type, base::Bytes request) {
        const auto query = base::try_load<wire::RndisQuery>(request).value_or(wire::RndisQuery{});
        const auto id = base::load_at<std::uint32_t>(request, sizeof(wire::RndisHeader));
        switch (type) {
            case wire::RndisType::kInitialize:
                return rndis([&](base::MutableBytes out) {
                    return codec::encode_initialize_complete(out, {.header = {},
                                                                   .request_id = id,
                                                                   .status = 0,
                                                                   .major = 1,
                                                                   .minor = 0,
                                                                   .device_flags = 1,
                                                                   .medium = 0,
                                                                   .max_packets_per_message = 8,
                                                                   .max_transfer_size = 0xEFFFFFFF,
                                                                   .packet_alignment_factor = 3,
                                                                   .af_list_offset = 0,
                                                                   .af_list_size = 0});
                });
            case wire::RndisType::kQuery:
                return silent_on_query ? Message{}
                                       : answer_query(id, static_cast<wire::Oid>(query.oid));
            case wire::RndisType::kSet:
                filters.push_back(base::try_load<std::uint32_t>(request, sizeof query).value_or(0));
                return rndis([&](base::MutableBytes out) {
                    return codec::encode_status_complete(out, wire::RndisType::kSetComplete, id,
                                                         wire::RndisStatus::kSuccess);
                });
            default: return {};
        }
    }

    std::uint32_t replies_ = 0;
    std::jthread thread_;
};

/// Short deadlines, so that a silent host costs a test little.
inline constexpr Deadlines kImpatient{.nvsp = std::chrono::milliseconds(60),
                                      .rndis = std::chrono::milliseconds(60),
                                      .grace = std::chrono::milliseconds(1)};

/// A control link without a session around it.
struct Link {
    explicit Link(Rig& rig, Deadlines limits = {})
        : deadlines(limits), lane(rig.channel(), Inbound::Role::kPrimary, health, {}, counters) {
        inbound.set_receive_buffer(rig.receive, {kPiece, kPieces}, kPieces);
        control.set_send_sections(rig.send, kSection);
    }
    Deadlines deadlines;
    Health health;
    RingCounters counters;
    Lane lane;
    RingOwner& owner = lane.owner();
    Mailbox& mailbox = lane.mailbox();
    Inbound& inbound = lane.inbound();
    ControlLink control{lane, health, deadlines};

    std::uint64_t count(RingCount which) const { return counters[which].value(); }
};

}  // namespace vmbus::netvsc::test
