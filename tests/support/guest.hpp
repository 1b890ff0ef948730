// A guest made of a writer and a reader on plain memory, for tests of the host's NIC: it speaks
// NVSP and RNDIS by hand, right or wrong as the test wants, and keeps what came back.
#pragma once

#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codec/nvsp_codec.hpp"
#include "codec/rndis_codec.hpp"
#include "codec/rndis_packet.hpp"
#include "host/nic.hpp"
#include "ring/gpa_list.hpp"
#include "ring/reader.hpp"
#include "ring/writer.hpp"

namespace vmbus::support {

using Message = std::vector<std::byte>;

inline Message text(const std::string& characters) {
    const auto bytes = std::as_bytes(std::span(characters));
    return {bytes.begin(), bytes.end()};
}

/// Remembers what the guest sent, and has frames to deliver.
class FakePort final : public host::Port {
public:
    void transmit(std::span<const host::Frame> frames) noexcept override {
        ++transmits;
        for (const auto& frame : frames) sent.emplace_back(frame.bytes.begin(), frame.bytes.end());
    }
    std::size_t receive(std::span<host::Frame> frames) noexcept override {
        most_asked = std::max(most_asked, frames.size());
        lent_.clear();
        while (lent_.size() < frames.size() && !to_deliver.empty()) {
            lent_.push_back(std::move(to_deliver.front()));
            to_deliver.pop_front();
        }
        for (std::size_t i = 0; i < lent_.size(); ++i) frames[i] = {lent_[i]};
        return lent_.size();
    }
    void set_filter(std::uint32_t value) noexcept override { filter = value; }
    void guest_closed() noexcept override { ++closed; }

    std::vector<Message> sent;
    std::deque<Message> to_deliver;
    std::optional<std::uint32_t> filter;
    std::size_t most_asked = 0;
    int transmits = 0;
    int closed = 0;

private:
    std::vector<Message> lent_;
};

class CountingInterrupt final : public host::Interrupt {
public:
    void raise(std::uint32_t) noexcept override { ++raised; }
    int raised = 0;
};

/// Pages of the guest by address.
class FakeMemory final : public host::GuestMemory {
public:
    bool read(std::uint64_t gpa, base::MutableBytes out) noexcept override {
        for (const auto& [start, bytes] : pages) {
            if (gpa >= start && gpa - start <= bytes.size() &&
                bytes.size() - (gpa - start) >= out.size()) {
                std::memcpy(out.data(), bytes.data() + (gpa - start), out.size());
                return true;
            }
        }
        return false;
    }
    bool gather(std::span<const host::GpaSpan> spans, base::MutableBytes out) noexcept override {
        for (const auto& span : spans) {
            if (span.length > out.size() || !read(span.gpa, out.first(span.length))) return false;
            out = out.subspan(span.length);
        }
        return out.empty();
    }
    /// Puts bytes at an address of their own.
    std::uint64_t put(Message bytes, std::uint64_t gpa) {
        pages[gpa] = std::move(bytes);
        return gpa;
    }
    std::map<std::uint64_t, Message> pages;
};

struct GuestOptions {
    std::size_t ring_data = 64 * 1024;
    std::size_t receive = 256 * 1024;
    std::size_t send = 16 * 6144;
    host::NicSpec spec{};
};

/// One packet of the host.
struct FromHost {
    std::size_t channel = 0;
    wire::PacketType type{};
    std::uint64_t id = 0;
    bool completion_requested = false;
    std::uint16_t pageset = 0;
    std::vector<wire::TransferPageRange> ranges;
    Message payload;
};

/// The bytes of an NVSP message.
template <class T>
Message nvsp(const T& message) {
    const auto bytes = codec::encode_nvsp(message);
    return {bytes.begin(), bytes.end()};
}

class Guest {
public:
    static constexpr std::uint32_t kReceiveGpadl = 0xE1E11;
    static constexpr std::uint32_t kSendGpadl = 0xE1E12;
    static constexpr std::uint64_t kPage = 0x7000'0000;

    explicit Guest(const GuestOptions& options = {});

    // ---- What the guest does with its device.
    void open();
    /// Asks for sub-channels: the status of the answer.
    wire::NvspStatus request_channels(std::uint32_t count, std::uint32_t operation = 1);
    /// Opens whatever the host granted.
    void open_channels();
    host::Nic& nic() noexcept { return nic_; }
    /// Turns of the host until it has nothing more to do, at most 2000; then what it sent.
    void run();
    /// Only the host's turns.
    void turn(int times = 1);
    /// Takes what the host sent. True when there was something.
    bool collect();

    // ---- Packets.
    void send(const ring::OutgoingPacket& packet);
    void send_nvsp(base::Bytes message, std::uint64_t id = 1, bool completion = true);
    /// An in-band message whose RNDIS bytes lie in a section.
    void send_section(std::uint32_t section, base::Bytes rndis, std::uint64_t id = 1,
                      std::uint32_t channel = wire::kNvspChannelData);
    /// A GPA-direct message: each element is one range, on pages of its own. The first of them may
    /// be in a section instead.
    void send_pages(const std::vector<Message>& ranges, std::uint64_t id = 1,
                    std::uint32_t section = wire::kNoSendSection, base::Bytes in_section = {});
    void send_control(base::Bytes rndis, std::uint64_t id = 1);
    void give_back(std::uint64_t id);
    base::MutableBytes section(std::uint32_t index) {
        return base::MutableBytes(send_).subspan(std::size_t{index} * 6144, 6144);
    }

    // ---- Conversations.
    wire::NvspStatus init(wire::NvspVersion version);
    void handshake(wire::NvspVersion version = wire::NvspVersion::kV61, std::uint32_t mtu = 1514);
    void initialise_rndis();
    /// Everything, whomever it is for: frames of tests have any address.
    void open_filter(std::uint32_t filter = 0x2D);
    /// All of it.
    void start(wire::NvspVersion version = wire::NvspVersion::kV61, std::uint32_t mtu = 1514) {
        open();
        handshake(version, mtu);
        initialise_rndis();
        open_filter();
    }
    /// The answer to a QUERY and its status.
    wire::RndisStatus query(wire::Oid oid, Message& info);
    wire::RndisStatus set(wire::Oid oid, base::Bytes info);
    /// Receive-side scaling with the key of the specification and this table.
    wire::RndisStatus set_rss(const std::vector<std::uint32_t>& table,
                              std::uint32_t hash_info = 0x701);

    // ---- What came back.
    std::optional<FromHost> next();
    /// The payload of the completion with this id, and forgets it.
    std::optional<Message> completion(std::uint64_t id);
    /// The status of an RNDIS packet's completion.
    std::optional<wire::NvspStatus> status(std::uint64_t id);
    base::Bytes range(const wire::TransferPageRange& range) const {
        return base::Bytes(receive_).subspan(range.byte_offset, range.byte_count);
    }
    /// What came of a status indication of the host, if one is next.
    std::optional<wire::RndisStatus> indication();
    /// Control messages of the host; returned to it at once.
    std::optional<Message> control_message();
    /// The frames of all data packets that came, not returned.
    std::vector<Message> frames();
    std::uint64_t broken(host::Violation violation) { return nic_.violations().count(violation); }

    FakePort port;
    FakeMemory memory;
    CountingInterrupt interrupt;
    std::uint32_t capabilities = wire::kNvspCapIeee8021q;  ///< of NDIS_CONFIG
    bool signals = true;                                   ///< false: it forgets to
    std::size_t sends_on = 0;                              ///< the channel
    std::deque<FromHost> inbox;
    std::optional<ring::Writer> writer;
    std::optional<ring::Reader> reader;

private:
    /// Page-aligned, as the control pages must be.
    struct alignas(4096) Page {
        std::byte bytes[4096];
    };
    struct Pages {
        explicit Pages(std::size_t bytes) : pages(bytes / sizeof(Page)) {}
        std::byte* data() noexcept { return pages[0].bytes; }
        std::size_t size() const noexcept { return pages.size() * sizeof(Page); }
        ring::MappedRing half(bool second) {
            const std::size_t bytes = size() / 2;
            return ring::MappedRing::view({data() + (second ? bytes : 0), bytes}, 4096).value();
        }
        std::vector<Page> pages;
    };
    struct SubChannel {
        explicit SubChannel(std::size_t bytes) : rings(bytes) {}
        Pages rings;
        std::optional<ring::Writer> writer;
        std::optional<ring::Reader> reader;
    };

    void collect(ring::Reader& from, std::size_t channel);

    Pages rings_;
    std::vector<std::unique_ptr<SubChannel>> sub_channels_;
    Message receive_;
    Message send_;
    host::Nic nic_;
    std::uint32_t request_id_ = 100;
};

/// An Ethernet frame of `size` bytes, told from others by `mark`.
Message frame(std::size_t size, int mark = 0);
/// One RNDIS data message around a frame.
Message data_message(base::Bytes frame, const codec::PacketInfo& info = {},
                     std::uint32_t padding = 0);
Message operator+(const Message& a, const Message& b);

}  // namespace vmbus::support
