#include "support/guest.hpp"

#include <gtest/gtest.h>

#include "support/rss_vectors.hpp"

namespace vmbus::support {

using wire::NvspStatus;
using wire::NvspType;
using wire::NvspVersion;

Guest::Guest(const GuestOptions& options)
    : rings_(2 * (4096 + options.ring_data)),
      receive_(options.receive),
      send_(options.send),
      nic_(options.spec,
           {.rings = {rings_.data(), rings_.size()},
            .buffers = {.receive = receive_,
                        .receive_gpadl = kReceiveGpadl,
                        .send = send_,
                        .send_gpadl = kSendGpadl}},
           port, interrupt) {}

void Guest::open() {
    sub_channels_.clear();
    ASSERT_TRUE(nic_.open(memory));
    writer.emplace(rings_.half(false), ring::Publication::kSingle);
    reader.emplace(rings_.half(true), ring::FooterCheck::kStrict);
    inbox.clear();
}

NvspStatus Guest::request_channels(std::uint32_t count, std::uint32_t operation) {
    send_nvsp(nvsp(wire::NvspSubChannelRequest{static_cast<std::uint32_t>(NvspType::kSubChannel),
                                               operation, count}),
              1005);
    run();
    return status(1005).value();
}

void Guest::open_channels() {
    while (sub_channels_.size() + 1 < nic_.granted()) {
        auto& sub = *sub_channels_.emplace_back(std::make_unique<SubChannel>(rings_.size()));
        ASSERT_TRUE(nic_.open_channel({sub.rings.data(), sub.rings.size()}));
        sub.writer.emplace(sub.rings.half(false), ring::Publication::kSingle);
        sub.reader.emplace(sub.rings.half(true), ring::FooterCheck::kStrict);
    }
}

void Guest::turn(int times) {
    for (int i = 0; i < times; ++i) nic_.poll();
}

void Guest::run() {
    for (int i = 0; i < 2000; ++i) {
        const bool worked = nic_.poll();
        if (!collect() && !worked) break;
    }
}

bool Guest::collect() {
    const std::size_t before = inbox.size();
    collect(*reader, 0);
    for (std::size_t i = 0; i < sub_channels_.size(); ++i) {
        collect(*sub_channels_[i]->reader, i + 1);
    }
    return inbox.size() != before;
}

void Guest::collect(ring::Reader& from, std::size_t channel) {
    ring::PacketView view;
    while (from.poll()) {
        while (from.next(view)) {
            FromHost packet{channel,
                            view.type(),
                            view.transaction_id(),
                            view.completion_requested(),
                            view.pageset_id(),
                            {},
                            Message(view.payload_size())};
            view.copy_payload(0, packet.payload);
            for (std::uint32_t i = 0; i < view.range_count(); ++i) {
                packet.ranges.push_back(view.transfer_range(i));
            }
            inbox.push_back(std::move(packet));
        }
        from.release();
    }
}

void Guest::send(const ring::OutgoingPacket& packet) {
    auto& to = sends_on == 0 ? *writer : *sub_channels_.at(sends_on - 1)->writer;
    ring::Reservation place;
    ASSERT_EQ(to.reserve(packet.ring_bytes(), place), ring::ReserveStatus::kOk);
    to.fill(place).put(packet);
    if (to.publish(place) && signals) nic_.doorbell(sends_on);
}

void Guest::send_nvsp(base::Bytes message, std::uint64_t id, bool completion) {
    send({.completion_requested = completion, .transaction_id = id, .payload = message});
}

namespace {

Message rndis_packet(std::uint32_t channel, std::uint32_t section, std::size_t length) {
    return nvsp(
        wire::NvspSendRndisPacket{.type = static_cast<std::uint32_t>(NvspType::kSendRndisPacket),
                                  .channel_type = channel,
                                  .send_section_index = section,
                                  .send_section_length = static_cast<std::uint32_t>(length)});
}

}  // namespace

void Guest::send_section(std::uint32_t index, base::Bytes rndis, std::uint64_t id,
                         std::uint32_t channel) {
    std::copy(rndis.begin(), rndis.end(), section(index).begin());
    send_nvsp(rndis_packet(channel, index, rndis.size()), id);
}

void Guest::send_pages(const std::vector<Message>& ranges, std::uint64_t id, std::uint32_t index,
                       base::Bytes in_section) {
    if (!in_section.empty()) {
        std::copy(in_section.begin(), in_section.end(), section(index).begin());
    }
    Message list(4096);
    base::store_at(list, 4, static_cast<std::uint32_t>(ranges.size()));
    std::size_t at = sizeof(wire::GpaDirectHeader);
    for (const Message& range : ranges) {
        // An address of its own for each range, not at the start of a page.
        const std::uint64_t gpa = memory.put(range, kPage + id * 0x100000 + at * 0x1000 + 40);
        at += ring::append_gpa_range(list, at, gpa, static_cast<std::uint32_t>(range.size()));
    }
    const auto message = rndis_packet(wire::kNvspChannelData, index, in_section.size());
    send({.type = wire::PacketType::kGpaDirect,
          .completion_requested = true,
          .transaction_id = id,
          .header = base::Bytes(list).first(at),
          .payload = message});
}

void Guest::send_control(base::Bytes rndis, std::uint64_t id) {
    send_section(15, rndis, id, wire::kNvspChannelControl);
}

void Guest::give_back(std::uint64_t id) {
    const auto message = nvsp(wire::NvspSendRndisPacketComplete{
        .type = static_cast<std::uint32_t>(NvspType::kSendRndisPacketComplete),
        .status = static_cast<std::uint32_t>(NvspStatus::kSuccess)});
    send({.type = wire::PacketType::kCompletion, .transaction_id = id, .payload = message});
}

NvspStatus Guest::init(NvspVersion version) {
    const auto number = static_cast<std::uint32_t>(version);
    send_nvsp(nvsp(wire::NvspInit{static_cast<std::uint32_t>(NvspType::kInit), number, number}),
              1000);
    run();
    const auto reply = completion(1000).value();
    return static_cast<NvspStatus>(base::load_at<wire::NvspInitComplete>(reply, 0).status);
}

void Guest::handshake(NvspVersion version, std::uint32_t mtu) {
    ASSERT_EQ(init(version), NvspStatus::kSuccess);
    if (version >= NvspVersion::kV2) {
        send_nvsp(nvsp(wire::NvspSendNdisConfig{
                      .type = static_cast<std::uint32_t>(NvspType::kSendNdisConfig),
                      .mtu = mtu,
                      .reserved = 0,
                      .capabilities_low = capabilities,
                      .capabilities_high = 0}),
                  0, false);
    }
    send_nvsp(nvsp(wire::NvspSendNdisVersion{static_cast<std::uint32_t>(NvspType::kSendNdisVersion),
                                             6, 30}),
              0, false);
    send_nvsp(
        nvsp(wire::NvspSendReceiveBuffer{static_cast<std::uint32_t>(NvspType::kSendReceiveBuffer),
                                         kReceiveGpadl, wire::kReceiveBufferId, 0}),
        1001);
    send_nvsp(nvsp(wire::NvspSendSendBuffer{static_cast<std::uint32_t>(NvspType::kSendSendBuffer),
                                            kSendGpadl, wire::kSendBufferId, 0}),
              1002);
    run();
    ASSERT_EQ(status(1001), NvspStatus::kSuccess);
    ASSERT_EQ(status(1002), NvspStatus::kSuccess);
}

void Guest::initialise_rndis() {
    std::array<std::byte, 64> message;
    send_control(base::Bytes(message).first(codec::encode_initialize(message, 7, 0x4000)), 1003);
    run();
    ASSERT_EQ(status(1003), NvspStatus::kSuccess);
    codec::Completion reply;
    ASSERT_EQ(codec::decode_completion(control_message().value(), reply), codec::RndisError::kNone);
    ASSERT_EQ(reply.request_id, 7U);
}

void Guest::open_filter(std::uint32_t filter) {
    ASSERT_EQ(set(wire::Oid::kCurrentPacketFilter, base::bytes_of(filter)),
              wire::RndisStatus::kSuccess);
}

wire::RndisStatus Guest::query(wire::Oid oid, Message& info) {
    std::array<std::byte, 64> message;
    const auto bytes = codec::encode_query(message, ++request_id_, oid);
    send_control(base::Bytes(message).first(bytes), 1004);
    run();
    EXPECT_EQ(status(1004), NvspStatus::kSuccess);
    const auto answer = control_message().value();
    codec::Completion reply;
    EXPECT_EQ(codec::decode_completion(answer, reply), codec::RndisError::kNone);
    EXPECT_EQ(reply.request_id, request_id_);
    info.assign(reply.info.begin(), reply.info.end());
    return reply.status;
}

wire::RndisStatus Guest::set(wire::Oid oid, base::Bytes info) {
    Message message(1024);
    const auto bytes = codec::encode_set(message, ++request_id_, oid, info);
    send_control(base::Bytes(message).first(bytes), 1005);
    run();
    EXPECT_EQ(status(1005), NvspStatus::kSuccess);
    const auto answer = control_message().value();
    codec::Completion reply;
    EXPECT_EQ(codec::decode_completion(answer, reply), codec::RndisError::kNone);
    EXPECT_EQ(reply.request_id, request_id_);
    return reply.status;
}

wire::RndisStatus Guest::set_rss(const std::vector<std::uint32_t>& table, std::uint32_t hash_info) {
    wire::NdisRssParameters parameters{};
    const auto table_bytes = static_cast<std::uint16_t>(table.size() * sizeof(std::uint32_t));
    parameters.header = {wire::kNdisObjectRssParameters, 2, sizeof parameters};
    parameters.hash_information = hash_info;
    parameters.table_size = table_bytes;
    parameters.table_offset = sizeof parameters;
    parameters.key_size = wire::kRssKeyBytes;
    parameters.key_offset = sizeof parameters + table_bytes;
    Message info(sizeof parameters + table_bytes + wire::kRssKeyBytes);
    base::store_at(info, 0, parameters);
    std::memcpy(info.data() + sizeof parameters, table.data(), table_bytes);
    const auto key = std::as_bytes(std::span(kRssKey));
    std::copy(key.begin(), key.end(), info.end() - wire::kRssKeyBytes);
    return set(wire::Oid::kReceiveScaleParameters, info);
}

std::optional<FromHost> Guest::next() {
    if (inbox.empty()) return std::nullopt;
    auto packet = std::move(inbox.front());
    inbox.pop_front();
    return packet;
}

std::optional<Message> Guest::completion(std::uint64_t id) {
    for (auto it = inbox.begin(); it != inbox.end(); ++it) {
        if (it->type == wire::PacketType::kCompletion && it->id == id) {
            auto payload = std::move(it->payload);
            inbox.erase(it);
            return payload;
        }
    }
    return std::nullopt;
}

std::optional<NvspStatus> Guest::status(std::uint64_t id) {
    const auto payload = completion(id);
    if (!payload || payload->size() < 8) return std::nullopt;
    return static_cast<NvspStatus>(base::load_at<std::uint32_t>(*payload, 4));
}

std::optional<Message> Guest::control_message() {
    for (auto it = inbox.begin(); it != inbox.end(); ++it) {
        if (it->type == wire::PacketType::kTransferPages &&
            base::load_at<wire::NvspSendRndisPacket>(it->payload, 0).channel_type ==
                wire::kNvspChannelControl) {
            const auto bytes = range(it->ranges.at(0));
            Message message(bytes.begin(), bytes.end());
            const auto id = it->id;
            inbox.erase(it);
            give_back(id);
            return message;
        }
    }
    return std::nullopt;
}

std::optional<wire::RndisStatus> Guest::indication() {
    const auto message = control_message();
    codec::StatusIndication found;
    if (!message || codec::decode_indicate_status(*message, found) != codec::RndisError::kNone) {
        return std::nullopt;
    }
    return found.status;
}

std::vector<Message> Guest::frames() {
    std::vector<Message> found;
    for (const auto& packet : inbox) {
        for (const auto& one : packet.ranges) {
            const auto bytes = range(one);
            codec::PacketBounds bounds;
            codec::PacketInfo info;
            if (codec::parse_packet(bytes, bounds, info) == codec::RndisPacketError::kNone) {
                const auto data = bytes.subspan(bounds.data_offset, bounds.data_length);
                found.emplace_back(data.begin(), data.end());
            }
        }
    }
    return found;
}

Message frame(std::size_t size, int mark) {
    Message bytes(size);
    for (std::size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<std::byte>(i * 7 + static_cast<std::size_t>(mark) * 13);
    }
    if (size >= 14) {
        bytes[12] = std::byte{0x88};  // an EtherType of nobody
        bytes[13] = std::byte{0xB5};
    }
    return bytes;
}

Message data_message(base::Bytes bytes, const codec::PacketInfo& info, std::uint32_t padding) {
    const std::uint32_t head = codec::packet_head_bytes(info.has);
    Message message(head + bytes.size() + padding);
    codec::build_packet_head(message, info, static_cast<std::uint32_t>(bytes.size()), padding);
    std::copy(bytes.begin(), bytes.end(), message.begin() + head);
    return message;
}

Message operator+(const Message& a, const Message& b) {
    Message both = a;
    both.insert(both.end(), b.begin(), b.end());
    return both;
}

}  // namespace vmbus::support
