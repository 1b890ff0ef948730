#include "host/ring_tap.hpp"

#include "ring/geometry.hpp"
#include "wire/packet.hpp"

namespace vmbus::host {

RingTap::RingTap(Recorder* recorder, RecordPlace place, const ReceiveBuffer& receive) noexcept
    : recorder_(recorder), place_(place), receive_(receive) {
    if (recorder_ != nullptr) {
        recorder_->opened(place_);
    }
}

RingTap::~RingTap() {
    if (recorder_ != nullptr) {
        recorder_->closed(place_);
    }
}

void RingTap::begin_from_guest(const ring::PacketView& view) noexcept {
    if (recorder_ != nullptr) {
        view.copy_packet(recorder_->begin_packet(view.packet_size()));
        begun_ = true;
    }
}

void RingTap::points_to(base::Bytes data) noexcept {
    if (begun_) {
        recorder_->add_data(data);
    }
}

void RingTap::end_from_guest() noexcept {
    if (begun_) {
        recorder_->end_packet(RecordKind::kFromGuest, place_);
        begun_ = false;
    }
}

void RingTap::to_guest(const ring::MappedRing& memory, std::uint32_t start,
                       std::uint32_t end) noexcept {
    if (recorder_ == nullptr) {
        return;
    }
    const ring::Geometry geometry(memory.size());
    std::uint32_t left = (end + memory.size() - start) % memory.size();
    while (left > ring::kFooterBytes) {
        const std::uint32_t taken = record_packet(memory, start, left);
        start = geometry.advance(start, taken);
        left -= taken;
    }
}

/// Returns what the packet occupies, footer included. Requires: most > kFooterBytes.
std::uint32_t RingTap::record_packet(const ring::MappedRing& memory, std::uint32_t at,
                                     std::uint32_t most) noexcept {
    std::array<std::byte, sizeof(wire::PacketDescriptor)> head{};
    memory.copy_out(at, head);
    const std::uint32_t told =
        base::load_at<wire::PacketDescriptor>(head, 0).length8 * ring::kUnit + ring::kFooterBytes;
    const bool makes_sense = told > sizeof(wire::PacketDescriptor) && told <= most;
    const std::uint32_t taken = makes_sense ? told : most;
    const auto packet = recorder_->begin_packet(taken - ring::kFooterBytes);
    memory.copy_out(at, packet);
    add_ranges(packet);
    recorder_->end_packet(RecordKind::kToGuest, place_);
    return taken;
}

void RingTap::add_ranges(base::Bytes packet) noexcept {
    const auto descriptor = base::try_load<wire::PacketDescriptor>(packet);
    constexpr auto kTransferPages = static_cast<std::uint16_t>(wire::PacketType::kTransferPages);
    if (!descriptor || descriptor->type != kTransferPages) {
        return;
    }
    constexpr std::size_t kHeader = sizeof *descriptor + sizeof(wire::TransferPagesHeader);
    const auto header = base::try_load<wire::TransferPagesHeader>(packet, sizeof *descriptor);
    for (std::uint32_t i = 0; header && i < header->range_count; ++i) {
        const auto range = base::try_load<wire::TransferPageRange>(
            packet, kHeader + i * sizeof(wire::TransferPageRange));
        const auto bytes =
            range ? base::try_slice(receive_.bytes(), range->byte_offset, range->byte_count)
                  : std::nullopt;
        if (!bytes) {
            return;
        }
        recorder_->add_data(*bytes);
    }
}

}  // namespace vmbus::host
