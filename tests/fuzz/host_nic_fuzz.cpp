// A guest that does anything -> a whole emulated NIC. Afterwards the guest opens the device again,
// and whatever happened before, the host must answer its first message.
// Input: u8 flags (1: after an honest handshake, 2: with a fault {u8 what, u8 after, u8 count},
// which may then spoil that answer too, 4: with sub-channels, 8: the host has a virtual function
// and coalesces), then steps {u8 what, arguments}. A step's channel is any number.
#include <memory>

#include "fuzz_input.hpp"
#include "hostile_guest.hpp"
#include "tcp_template.hpp"
#include "wire/ndis.hpp"
#include "wire/nvsp.hpp"
#include "wire/oid.hpp"
#include "wire/rndis.hpp"
#include "wire/rndis_ppi.hpp"

namespace {

using namespace vmbus;
using namespace vmbus::wire;
using fuzz::GuestRings;
using fuzz::HostileGuest;
using fuzz::Input;
using fuzz::require;

constexpr std::uint32_t code(NvspType type) {
    return static_cast<std::uint32_t>(type);
}

class Story {
public:
    explicit Story(std::uint8_t flags)
        : flags_(flags), nic_(spec(), guest_.memory(), port_, interrupt_) {
        nic_.set_vf({.present = rich(), .serial = 7});
        require(nic_.open(pages_));
    }

    void shake_hands() {
        constexpr auto kVersion = static_cast<std::uint32_t>(NvspVersion::kV61);
        auto& primary = guest_.primary();
        primary.request(NvspInit{code(NvspType::kInit), kVersion, kVersion});
        primary.request(
            NvspSendNdisConfig{code(NvspType::kSendNdisConfig), 1514, 0, rich() ? ~0U : 0U, 0});
        primary.request(NvspSendNdisVersion{code(NvspType::kSendNdisVersion), 6, 30});
        primary.request(NvspSendReceiveBuffer{code(NvspType::kSendReceiveBuffer),
                                              HostileGuest::kReceiveGpadl, kReceiveBufferId, 0});
        primary.request(NvspSendSendBuffer{code(NvspType::kSendSendBuffer),
                                           HostileGuest::kSendGpadl, kSendBufferId, 0});
        turns(4);
        control_and_wait(bytes_of_words({2, 24, 1, 1, 0, 0x4000}));                // INITIALIZE
        control_and_wait(bytes_of_words({5, 32, 2, 0x0001010E, 4, 20, 0, 0x2D}));  // everything
        if (rich()) {
            control_and_wait(offload_parameters());
        }
        require(nic_.is_receiving() || faulty());
        if ((flags_ & 4U) != 0) {
            ask_for_channels(HostileGuest::kChannels - 1);
            turns(1);
            while (open_channel()) {
            }
            turns(2);
        }
    }

    void misbehave(Input& input) {
        const auto what = static_cast<host::Fault>(input.take<std::uint8_t>() % host::kFaults);
        const std::uint64_t after = input.take<std::uint8_t>();
        const std::uint64_t count = input.take<std::uint8_t>();
        nic_.set_faults({{.what = what, .after = after, .count = count}});
    }

    void step(Input& input) {
        switch (input.take<std::uint8_t>() % 17) {
            case 0: any_channel(input).write_raw(taken(input)); break;
            case 1: packet(input, PacketType::kInBand); break;
            case 2: packet(input, PacketType::kCompletion); break;
            case 3: packet(input, PacketType::kGpaDirect); break;
            case 4: spoil_words(input); break;
            case 5: control(taken(input)); break;
            case 6: data_in_section(input); break;
            case 7: spoil(pages_.bytes(), input); break;
            case 8: spoil(guest_.send_buffer(), input); break;
            case 9: turns(1 + input.take<std::uint8_t>() % 4); break;
            case 10: sleep(); break;
            case 11: nic_.set_link(!nic_.link_up()); break;
            case 12: tcp_frame(input); break;
            case 13: ask_for_channels(input.take<std::uint8_t>()); break;
            case 14: open_channel(); break;
            case 15: nic_.set_vf({!nic_.vf().present, input.take<std::uint8_t>()}); break;
            default: switch_path(input); break;
        }
    }

    void check_that_it_can_start_again() {
        turns(2);
        nic_.close();
        require(nic_.open(pages_) && !nic_.is_dead());
        constexpr auto kVersion = static_cast<std::uint32_t>(NvspVersion::kV5);
        guest_.primary().restart();
        guest_.primary().request(NvspInit{code(NvspType::kInit), kVersion, kVersion});
        nic_.poll();
        ring::Reader reader(guest_.primary().rx(), ring::FooterCheck::kStrict);
        ring::PacketView view;
        require(reader.poll() && reader.next(view));
        const auto reply = view.payload<NvspInitComplete>();
        require(reply && reply->type == code(NvspType::kInitComplete) && reply->status == 1);
    }

private:
    /// With all that a host can offer.
    bool rich() const { return (flags_ & 8U) != 0; }
    bool faulty() const { return (flags_ & 2U) != 0; }
    host::NicSpec spec() const { return {.queues = HostileGuest::kChannels, .rsc = rich()}; }

    static std::vector<std::byte> bytes_of_words(std::vector<std::uint32_t> words) {
        const auto bytes = std::as_bytes(std::span(words));
        return {bytes.begin(), bytes.end()};
    }
    /// {u8 length, bytes}, up to 255; the rest when there is less.
    static base::Bytes taken(Input& input) {
        const std::size_t wanted = input.take<std::uint8_t>();
        return input.take_bytes(wanted);
    }
    GuestRings& any_channel(Input& input) {
        return guest_.channel((flags_ & 4U) != 0 ? input.take<std::uint8_t>() : 0);
    }
    void packet(Input& input, PacketType type) {
        auto& channel = any_channel(input);
        const auto id = input.take<std::uint8_t>();
        const auto header = taken(input);
        channel.write({.type = type,
                       .completion_requested = (id & 1U) == 0,
                       .transaction_id = id / 2U,
                       .header = header.first(header.size() & ~std::size_t{7}),
                       .payload = taken(input)});
    }
    void in_section(GuestRings& channel, std::uint32_t section, base::Bytes message,
                    std::uint32_t channel_type) {
        const auto room = guest_.section(section);
        std::copy(message.begin(), message.end(), room.begin());
        channel.request(NvspSendRndisPacket{code(NvspType::kSendRndisPacket), channel_type, section,
                                            static_cast<std::uint32_t>(message.size())});
    }
    void control(base::Bytes message) {
        in_section(guest_.primary(), 0, message, kNvspChannelControl);
    }
    /// They share a section: the host has read one before the next is written.
    void control_and_wait(base::Bytes message) {
        control(message);
        turns(2);
    }
    void data_in_section(Input& input) {
        auto& channel = any_channel(input);
        const std::uint32_t section = input.take<std::uint8_t>() % HostileGuest::kSections;
        in_section(channel, section, taken(input), kNvspChannelData);
    }
    /// A TCP segment that is right but for {u8 flags of the TCP header, u16 sequence number, u16
    /// payload, bytes over the headers}, with a large-send word {u32} or none (0).
    void tcp_frame(Input& input) {
        auto& channel = any_channel(input);
        const std::uint32_t section = input.take<std::uint8_t>() % HostileGuest::kSections;
        fuzz::TcpTemplate frame{.ipv6 = input.take<std::uint8_t>() % 2 != 0,
                                .flags = input.take<std::uint8_t>(),
                                .sequence = input.take<std::uint16_t>(),
                                .payload = input.take<std::uint16_t>() % 5000U};
        const auto large_send = input.take<std::uint32_t>();
        auto bytes = frame.bytes();
        spoil(bytes, input.take<std::uint8_t>(), taken(input));
        in_section(channel, section, fuzz::rndis_packet(bytes, large_send), kNvspChannelData);
    }
    static std::vector<std::byte> offload_parameters() {
        struct {
            RndisHeader header{static_cast<std::uint32_t>(RndisType::kSet), 28 + 28};
            std::uint32_t request = 3;
            std::uint32_t oid = static_cast<std::uint32_t>(Oid::kOffloadParameters);
            std::uint32_t bytes = 28;
            std::uint32_t offset = 20;
            std::uint32_t handle = 0;
            NdisOffloadParameters common{.header = {0x80, 3, 28},
                                         .ipv4_checksum = 4,
                                         .tcp_ipv4_checksum = 4,
                                         .udp_ipv4_checksum = 4,
                                         .tcp_ipv6_checksum = 4,
                                         .udp_ipv6_checksum = 4,
                                         .lso_v1 = 0,
                                         .ipsec_v1 = 0,
                                         .lso_v2_ipv4 = 2,
                                         .lso_v2_ipv6 = 2,
                                         .tcp_connection_ipv4 = 0,
                                         .tcp_connection_ipv6 = 0,
                                         .reserved = 0,
                                         .flags = 0};
            NdisOffloadParametersTail tail{0, 0, kNdisRscOn, kNdisRscOn, 0, 0, {}};
        } set;
        static_assert(sizeof set == 56);
        const auto bytes = base::bytes_of(set);
        return {bytes.begin(), bytes.end()};
    }
    void ask_for_channels(std::uint32_t count) {
        guest_.primary().request(NvspSubChannelRequest{code(NvspType::kSubChannel), 1, count});
    }
    /// The kernel of the guest opens the next one that the host granted, if there is one.
    bool open_channel() {
        const std::size_t next = nic_.channels();
        if (next >= nic_.granted() || next >= HostileGuest::kChannels) {
            return false;
        }
        guest_.channel(next).restart();
        return nic_.open_channel(guest_.channel(next).bytes());
    }
    void switch_path(Input& input) {
        guest_.primary().request(
            NvspSwitchDataPath{code(NvspType::kSwitchDataPath), input.take<std::uint8_t>()});
    }
    void spoil_words(Input& input) {
        auto& channel = any_channel(input);
        auto& page =
            (input.take<std::uint8_t>() & 1U) != 0 ? channel.tx().page() : channel.rx().page();
        const auto which = input.take<std::uint8_t>() % 4;
        const auto word = input.take<std::uint32_t>();
        // relaxed: host and guest are one thread.
        if (which == 0) page.in.store_relaxed(word);
        if (which == 1) page.out.store_relaxed(word);
        if (which == 2) page.interrupt_mask.store_relaxed(word);
        // relaxed: as above.
        if (which == 3) page.pending_send_size.store_relaxed(word);
    }
    static void spoil(base::MutableBytes memory, Input& input) {
        spoil(memory, input.take<std::uint16_t>(), taken(input));
    }
    /// Writes as many of the bytes as there is room for behind `at`, which is any number.
    static void spoil(base::MutableBytes memory, std::size_t at, base::Bytes bytes) {
        const auto room = memory.subspan(at % memory.size());
        std::copy_n(bytes.begin(), std::min(bytes.size(), room.size()), room.begin());
    }
    void turns(int count) {
        for (int i = 0; i < count; ++i) {
            nic_.poll();
            guest_.drain();
        }
    }
    void sleep() {
        if (nic_.idle_arm()) {
            nic_.wake();
        }
    }

    std::uint8_t flags_;
    HostileGuest guest_;
    fuzz::GuestPages pages_;
    fuzz::EchoPort port_;
    fuzz::NoInterrupt interrupt_;
    host::Nic nic_;
};

}  // namespace

// conformance: fuzz_netvsp_control
// conformance: fuzz_netvsp_tx_path
// conformance: fuzz_netvsp_rx_path
// conformance: fuzz_netvsp_link_status
// conformance: fuzz_netvsp_vf_state
// conformance: fuzz_netvsp_subchannel
// conformance: fuzz_netvsp_interop
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const auto flags = input.take<std::uint8_t>();
    const auto story = std::make_unique<Story>(flags);
    const bool faulty = (flags & 2U) != 0;
    if (faulty) {
        story->misbehave(input);
    }
    if ((flags & 1U) != 0) {
        story->shake_hands();
    }
    while (!input.rest().empty()) {
        story->step(input);
    }
    if (!faulty) {
        story->check_that_it_can_start_again();
    }
    return 0;
}
