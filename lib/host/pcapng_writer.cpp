#include "host/pcapng_writer.hpp"

#include <algorithm>

namespace vmbus::host {
namespace {

/// Blocks and options, by the sections of the draft that say what they hold.
constexpr std::uint32_t kSectionBlock = 0x0A0D0D0A;  // 4.1
constexpr std::uint32_t kInterfaceBlock = 1;         // 4.2
constexpr std::uint32_t kPacketBlock = 6;            // 4.3
constexpr std::uint16_t kNameOption = 2;
constexpr std::uint16_t kResolutionOption = 9;
constexpr std::uint16_t kFlagsOption = 2;
constexpr std::uint8_t kNanoseconds = 9;

struct SectionHead {
    std::uint32_t type = kSectionBlock;
    std::uint32_t length = 28;
    std::uint32_t order = 0x1A2B3C4D;
    std::uint16_t major = 1;
    std::uint16_t minor = 0;
    std::uint32_t unknown_length[2] = {UINT32_MAX, UINT32_MAX};
    std::uint32_t length_again = 28;
};
static_assert(sizeof(SectionHead) == 28);

struct InterfaceHead {
    std::uint32_t type = kInterfaceBlock;
    std::uint32_t length = 0;
    std::uint16_t link_type = 1;  // Ethernet
    std::uint16_t reserved = 0;
    std::uint32_t snap_length = CaptureFile::kSnapLength;
};
static_assert(sizeof(InterfaceHead) == 16);

struct OptionHead {
    std::uint16_t code;
    std::uint16_t length;
};

struct PacketHead {
    std::uint32_t type = kPacketBlock;
    std::uint32_t length = 0;
    std::uint32_t interface = 0;
    std::uint32_t time_high = 0;
    std::uint32_t time_low = 0;
    std::uint32_t captured = 0;
    std::uint32_t original = 0;
};
static_assert(sizeof(PacketHead) == 28);

/// What follows a frame: the way it went, the end of the options, and the length again.
struct PacketTail {
    OptionHead flags = {kFlagsOption, 4};
    std::uint32_t way = 0;
    OptionHead end = {0, 0};
    std::uint32_t length = 0;
};
static_assert(sizeof(PacketTail) == 16);
static_assert(CaptureFile::kBufferBytes >=
                  sizeof(PacketHead) + CaptureFile::kSnapLength + 3 + sizeof(PacketTail),
              "any frame fits into an empty buffer");

struct ResolutionOption {
    OptionHead head = {kResolutionOption, 1};
    std::uint8_t resolution = kNanoseconds;
    std::uint8_t padding[3]{};
};
static_assert(sizeof(ResolutionOption) == 8);

constexpr std::size_t padding_of(std::size_t bytes) noexcept {
    return (4 - bytes % 4) % 4;
}

}  // namespace

PcapngWriter::PcapngWriter(std::string name, base::UniqueFd file,
                           const std::vector<std::string>& interfaces)
    : file_(std::move(name), std::move(file)) {
    file_.append(base::bytes_of(SectionHead{}));
    for (const auto& interface : interfaces) {
        describe(interface);
    }
}

void PcapngWriter::describe(const std::string& interface) {
    const OptionHead name{kNameOption, static_cast<std::uint16_t>(interface.size())};
    const OptionHead end{0, 0};
    const std::size_t padding = padding_of(interface.size());
    InterfaceHead head;
    head.length =
        static_cast<std::uint32_t>(sizeof head + sizeof name + interface.size() + padding +
                                   sizeof(ResolutionOption) + sizeof end + sizeof head.length);
    file_.append(base::bytes_of(head));
    file_.append(base::bytes_of(name));
    file_.append(std::as_bytes(std::span(interface)));
    file_.append_zeros(padding);
    file_.append(base::bytes_of(ResolutionOption{}));
    file_.append(base::bytes_of(end));
    file_.append(base::bytes_of(head.length));
}

void PcapngWriter::write(std::uint32_t interface, Way way, base::Bytes frame,
                         std::uint64_t time_ns) noexcept {
    if (frame.size() > CaptureFile::kSnapLength) {
        file_.lose();
        return;
    }
    const std::size_t padding = padding_of(frame.size());
    const auto length = static_cast<std::uint32_t>(sizeof(PacketHead) + frame.size() + padding +
                                                   sizeof(PacketTail));
    if (!file_.begin_record(length)) {
        return;
    }
    const auto bytes = static_cast<std::uint32_t>(frame.size());
    file_.append(base::bytes_of(PacketHead{.length = length,
                                           .interface = interface,
                                           .time_high = static_cast<std::uint32_t>(time_ns >> 32),
                                           .time_low = static_cast<std::uint32_t>(time_ns),
                                           .captured = bytes,
                                           .original = bytes}));
    file_.append(frame);
    file_.append_zeros(padding);
    file_.append(
        base::bytes_of(PacketTail{.way = static_cast<std::uint32_t>(way), .length = length}));
    file_.end_record();
}

}  // namespace vmbus::host
