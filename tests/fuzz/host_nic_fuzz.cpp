// A guest that does anything -> a whole emulated NIC. Afterwards the guest opens the device again,
// and whatever happened before, the host must answer its first message.
// Input: u8 flags (1: after an honest handshake, 2: with a fault {u8 what, u8 after, u8 count},
// which may then spoil that answer too), then steps {u8 what, arguments}.
#include <memory>

#include "fuzz_input.hpp"
#include "hostile_guest.hpp"
#include "wire/nvsp.hpp"
#include "wire/rndis.hpp"

namespace {

using namespace vmbus;
using namespace vmbus::wire;
using fuzz::HostileGuest;
using fuzz::Input;
using fuzz::require;

constexpr std::uint32_t code(NvspType type) {
    return static_cast<std::uint32_t>(type);
}

class Story {
public:
    Story() : nic_(host::NicSpec{}, guest_.memory(), port_, interrupt_) {
        require(nic_.open(pages_));
    }

    void shake_hands() {
        constexpr auto kVersion = static_cast<std::uint32_t>(NvspVersion::kV61);
        guest_.request(NvspInit{code(NvspType::kInit), kVersion, kVersion});
        guest_.request(NvspSendNdisConfig{code(NvspType::kSendNdisConfig), 1514, 0, 0, 0});
        guest_.request(NvspSendNdisVersion{code(NvspType::kSendNdisVersion), 6, 30});
        guest_.request(NvspSendReceiveBuffer{code(NvspType::kSendReceiveBuffer),
                                             HostileGuest::kReceiveGpadl, kReceiveBufferId, 0});
        guest_.request(NvspSendSendBuffer{code(NvspType::kSendSendBuffer), HostileGuest::kSendGpadl,
                                          kSendBufferId, 0});
        turns(4);
        control(bytes_of_words({2, 24, 1, 1, 0, 0x4000}));                // INITIALIZE
        control(bytes_of_words({5, 32, 2, 0x0001010E, 4, 20, 0, 0x0D}));  // packet filter
        turns(4);
    }

    void misbehave(Input& input) {
        const auto what = static_cast<host::Fault>(input.take<std::uint8_t>() % host::kFaults);
        const std::uint64_t after = input.take<std::uint8_t>();
        const std::uint64_t count = input.take<std::uint8_t>();
        nic_.set_faults({{.what = what, .after = after, .count = count}});
    }

    void step(Input& input) {
        switch (input.take<std::uint8_t>() % 12) {
            case 0: guest_.write_raw(taken(input)); break;
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
            default: nic_.set_link(!nic_.link_up()); break;
        }
    }

    void check_that_it_can_start_again() {
        turns(2);
        nic_.close();
        require(nic_.open(pages_) && !nic_.is_dead());
        guest_.restart();
        guest_.request(NvspInit{code(NvspType::kInit), static_cast<std::uint32_t>(NvspVersion::kV5),
                                static_cast<std::uint32_t>(NvspVersion::kV5)});
        nic_.poll();
        ring::Reader reader(guest_.rx(), ring::FooterCheck::kStrict);
        ring::PacketView view;
        require(reader.poll() && reader.next(view));
        const auto reply = view.payload<NvspInitComplete>();
        require(reply && reply->type == code(NvspType::kInitComplete) && reply->status == 1);
    }

private:
    static std::vector<std::byte> bytes_of_words(std::vector<std::uint32_t> words) {
        const auto bytes = std::as_bytes(std::span(words));
        return {bytes.begin(), bytes.end()};
    }
    /// {u8 length, bytes}, up to 255; the rest when there is less.
    static base::Bytes taken(Input& input) {
        const std::size_t wanted = input.take<std::uint8_t>();
        return input.take_bytes(wanted);
    }
    void packet(Input& input, PacketType type) {
        const auto id = input.take<std::uint8_t>();
        const auto header = taken(input);
        guest_.write({.type = type,
                      .completion_requested = (id & 1U) == 0,
                      .transaction_id = id / 2U,
                      .header = header.first(header.size() & ~std::size_t{7}),
                      .payload = taken(input)});
    }
    void in_section(std::uint32_t section, base::Bytes message, std::uint32_t channel_type) {
        const auto room = guest_.send_buffer().subspan(section * 6144U, 6144);
        std::copy(message.begin(), message.end(), room.begin());
        guest_.request(NvspSendRndisPacket{code(NvspType::kSendRndisPacket), channel_type, section,
                                           static_cast<std::uint32_t>(message.size())});
    }
    void control(base::Bytes message) { in_section(0, message, kNvspChannelControl); }
    void data_in_section(Input& input) {
        const std::uint32_t section = input.take<std::uint8_t>() % 8U;
        in_section(section, taken(input), kNvspChannelData);
    }
    void spoil_words(Input& input) {
        auto& page =
            (input.take<std::uint8_t>() & 1U) != 0 ? guest_.tx().page() : guest_.rx().page();
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
        const std::size_t at = input.take<std::uint16_t>() % (memory.size() - 255);
        const auto bytes = taken(input);
        std::copy(bytes.begin(), bytes.end(), memory.begin() + static_cast<std::ptrdiff_t>(at));
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
// conformance: fuzz_netvsp_interop
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const auto story = std::make_unique<Story>();
    const auto flags = input.take<std::uint8_t>();
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
