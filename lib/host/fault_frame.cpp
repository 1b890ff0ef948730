#include "host/fault_frame.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "wire/nvsp.hpp"
#include "wire/rndis.hpp"
#include "wire/rndis_ppi.hpp"

namespace vmbus::host {
namespace {

constexpr unsigned kRewriteTurns = 64;
constexpr std::uint32_t kBeyond = 0x00100000;

/// Order of the variants in fault.cpp.
enum class Ppi : std::uint8_t { kSize, kDataOffset, kHuge };
enum class Field : std::uint8_t {
    kDataOffset,
    kDataLength,
    kNoData,
    kOob,
    kPpiOffset,
    kPpiLength,
    kType,
    kShort,
};
enum class Transfer : std::uint8_t {
    kPageset,
    kNone,
    kMany,
    kOutside,
    kEmpty,
    kOversized,
    kOverlap,
    kMessage,
    kHeld,
};

void put(base::MutableBytes piece, std::size_t field, std::uint32_t value) noexcept {
    base::store_at(piece, field, value);
}

void spoil_info(base::MutableBytes piece, Ppi how) noexcept {
    constexpr std::size_t kFirst = sizeof(wire::RndisPacket);
    switch (how) {
        case Ppi::kSize: put(piece, kFirst, 0); break;
        case Ppi::kDataOffset:
            put(piece, kFirst + offsetof(wire::PpiHeader, data_offset), 40);
            break;
        case Ppi::kHuge: put(piece, kFirst, UINT32_MAX - 3); break;
    }
}

void spoil_head(base::MutableBytes piece, Field how) noexcept {
    using Head = wire::RndisPacket;
    switch (how) {
        case Field::kDataOffset: put(piece, offsetof(Head, data_offset), UINT32_MAX - 7); break;
        case Field::kDataLength: put(piece, offsetof(Head, data_length), kBeyond); break;
        case Field::kNoData: put(piece, offsetof(Head, data_length), 0); break;
        case Field::kOob: put(piece, offsetof(Head, oob_length), 8); break;
        case Field::kPpiOffset: put(piece, offsetof(Head, ppi_offset), UINT32_MAX - 7); break;
        case Field::kPpiLength: put(piece, offsetof(Head, ppi_length), kBeyond); break;
        case Field::kType: put(piece, 0, 0x77); break;
        case Field::kShort: put(piece, offsetof(wire::RndisHeader, length), 8); break;
    }
}

}  // namespace

void FrameSpoiler::spoil_frame(base::MutableBytes piece) {
    if (faults_.due(Fault::kBadRndisLength)) {
        put(piece, offsetof(wire::RndisHeader, length),
            static_cast<std::uint32_t>(piece.size() * 2));
    }
    if (const auto details = faults_.due(Fault::kBadPpi)) {
        spoil_info(piece, static_cast<Ppi>(details->how));
    }
    if (const auto details = faults_.due(Fault::kBadFrame)) {
        spoil_head(piece, static_cast<Field>(details->how));
    }
    if (faults_.due(Fault::kRewrittenFrame)) {
        rewritten_.push_back({piece, kRewriteTurns});
    }
}

void FrameSpoiler::spoil_transfer(TransferDraft& draft) {
    const std::uint64_t before = std::exchange(last_id_, draft.transaction_id);
    const auto details = faults_.due(Fault::kBadTransfer);
    if (!details) {
        return;
    }
    wire::TransferPageRange& first = draft.ranges[0];
    switch (static_cast<Transfer>(details->how)) {
        case Transfer::kPageset: ++draft.header.pageset_id; break;
        case Transfer::kNone: draft.header.range_count = 0; break;
        case Transfer::kMany: draft.header.range_count = UINT32_MAX; break;
        case Transfer::kOutside: first.byte_offset = UINT32_MAX - 15; break;
        case Transfer::kEmpty: first.byte_count = 0; break;
        case Transfer::kOversized: first.byte_count = draft.piece_bytes + 8; break;
        case Transfer::kOverlap:
            first.byte_offset = draft.ranges[draft.header.range_count - 1].byte_offset + 8;
            break;
        case Transfer::kMessage:
            draft.nvsp_type = static_cast<std::uint32_t>(wire::NvspType::kSendIndirectionTable);
            break;
        case Transfer::kHeld: draft.transaction_id = before; break;
    }
}

void FrameSpoiler::rewrite() noexcept {
    for (Rewritten& each : rewritten_) {
        const bool odd = each.turns-- % 2 == 1;
        put(each.piece, offsetof(wire::RndisPacket, data_length), odd ? UINT32_MAX : 60);
        put(each.piece, offsetof(wire::RndisPacket, data_offset), odd ? kBeyond : 248);
    }
    std::erase_if(rewritten_, [](const Rewritten& each) { return each.turns == 0; });
}

}  // namespace vmbus::host
