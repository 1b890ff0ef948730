// A record file written step by step, for tests of what reads one; and the packets that go into it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "codec/nvsp_codec.hpp"
#include "codec/rndis_codec.hpp"
#include "host/recorder.hpp"
#include "support/port_driver.hpp"
#include "wire/packet.hpp"

namespace vmbus::support {

using Bytes = std::vector<std::byte>;

inline Bytes packet(wire::PacketType type, std::uint64_t id, base::Bytes payload,
                    base::Bytes header = {}) {
    const std::size_t head = sizeof(wire::PacketDescriptor) + header.size();
    Bytes bytes(head + base::round_up8(payload.size()));
    base::store_at(bytes, 0,
                   wire::PacketDescriptor{.type = static_cast<std::uint16_t>(type),
                                          .data_offset8 = static_cast<std::uint16_t>(head / 8),
                                          .length8 = static_cast<std::uint16_t>(bytes.size() / 8),
                                          .flags = wire::kCompletionRequested,
                                          .transaction_id = id});
    std::copy(header.begin(), header.end(), bytes.begin() + sizeof(wire::PacketDescriptor));
    std::copy(payload.begin(), payload.end(), bytes.begin() + static_cast<std::ptrdiff_t>(head));
    return bytes;
}
inline Bytes in_band(std::uint64_t id, base::Bytes payload) {
    return packet(wire::PacketType::kInBand, id, payload);
}
inline Bytes completion(std::uint64_t id, base::Bytes payload = {}) {
    return packet(wire::PacketType::kCompletion, id, payload);
}

template <class Message>
Bytes nvsp_message(wire::NvspType type, Message message) {
    message.type = static_cast<std::uint32_t>(type);
    const auto bytes = codec::encode_nvsp(message);
    return {bytes.begin(), bytes.end()};
}
inline Bytes init(wire::NvspVersion version = wire::NvspVersion::kV61) {
    const auto number = static_cast<std::uint32_t>(version);
    return nvsp_message(wire::NvspType::kInit, wire::NvspInit{0, number, number});
}
inline Bytes rndis_packet(std::uint32_t channel = wire::kNvspChannelControl) {
    return nvsp_message(wire::NvspType::kSendRndisPacket,
                        wire::NvspSendRndisPacket{0, channel, wire::kNoSendSection, 0});
}
inline Bytes rndis_done(wire::NvspStatus status = wire::NvspStatus::kSuccess) {
    return nvsp_message(wire::NvspType::kSendRndisPacketComplete,
                        wire::NvspSendRndisPacketComplete{0, static_cast<std::uint32_t>(status)});
}
inline Bytes query(std::uint32_t request, wire::Oid oid = wire::Oid::kLinkSpeed) {
    Bytes bytes(256);
    bytes.resize(codec::encode_query(bytes, request, oid));
    return bytes;
}
inline Bytes set_filter(std::uint32_t request, std::uint32_t filter) {
    Bytes bytes(256);
    bytes.resize(
        codec::encode_set(bytes, request, wire::Oid::kCurrentPacketFilter, base::bytes_of(filter)));
    return bytes;
}
/// A packet of the host that lends one range.
inline Bytes transfer(std::uint64_t id, std::uint32_t offset, std::uint32_t bytes,
                      std::uint32_t channel = wire::kNvspChannelControl) {
    const struct {
        wire::TransferPagesHeader head;
        wire::TransferPageRange range;
    } header{{wire::kReceiveBufferId, 0, 1}, {bytes, offset}};
    return packet(wire::PacketType::kTransferPages, id, rndis_packet(channel),
                  base::bytes_of(header));
}

class WrittenRecord {
public:
    explicit WrittenRecord(const std::string& nic = "port=null") {
        if (!nic.empty()) recorder_->nic(0, nic);
    }

    void opened(std::uint16_t channel = 0) { recorder_->opened({0, channel}); }
    void closed(std::uint16_t channel = 0) { recorder_->closed({0, channel}); }
    void guest(const Bytes& packet, const Bytes& data = {}, std::uint16_t channel = 0) {
        write(host::RecordKind::kFromGuest, packet, data, {0, channel});
    }
    void host(const Bytes& packet, const Bytes& data = {}, std::uint16_t channel = 0) {
        write(host::RecordKind::kToGuest, packet, data, {0, channel});
    }
    host::Recorder& recorder() { return *recorder_; }
    /// It is complete.
    const std::string& file() {
        recorder_.reset();
        return path_;
    }

private:
    void write(host::RecordKind kind, const Bytes& packet, const Bytes& data,
               host::RecordPlace place) {
        const auto room = recorder_->begin_packet(static_cast<std::uint32_t>(packet.size()));
        std::copy(packet.begin(), packet.end(), room.begin());
        recorder_->add_data(data);
        recorder_->end_packet(kind, place);
    }

    const test::ScratchFolder folder_;
    const std::string path_ = folder_.file("session.record");
    std::string why_;
    std::unique_ptr<host::Recorder> recorder_ = host::Recorder::create(path_, why_);
};

}  // namespace vmbus::support
