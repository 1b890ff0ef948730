#include "host/fault_message.hpp"

#include <algorithm>

#include "host/outbox.hpp"
#include "wire/rndis.hpp"

namespace vmbus::host {
namespace {

/// What hosts use for messages about virtual functions (OpenVMM netvsp).
constexpr std::uint64_t kFirstId = 0x8000'0000'0000'0000;
constexpr std::size_t kWaiting = 64;
constexpr std::size_t kPathMessageBytes = 8;  // shorter than any other message, and legal

/// Order of the variants in fault.cpp.
enum class Function : std::uint8_t { kAdd, kRemove };
enum class Table : std::uint8_t { kGood, kCount, kOffset, kEntries, kShort };
enum class Status : std::uint8_t { kOutside, kUnknown, kShort, kOffload };

constexpr std::uint32_t code(wire::NvspType type) noexcept {
    return static_cast<std::uint32_t>(type);
}

}  // namespace

template <class T>
UnaskedMessages::Message& UnaskedMessages::add(const T& message) {
    if (waiting_.size() == kWaiting) {
        waiting_.erase(waiting_.begin());
    }
    Message& added = waiting_.emplace_back();
    base::store_at(added.bytes, 0, message);
    added.size = std::max<std::size_t>(sizeof message, wire::kNvspHostMessageBytes);
    return added;
}

void UnaskedMessages::add_table(std::uint8_t how) {
    wire::NvspSendIndirectionTable table{.type = code(wire::NvspType::kSendIndirectionTable),
                                         .count = 16,
                                         .offset = 12,
                                         .table = {}};
    switch (static_cast<Table>(how)) {
        case Table::kGood: break;
        case Table::kCount: table.count = UINT32_MAX; break;
        case Table::kOffset: table.offset = UINT32_MAX - 3; break;
        case Table::kEntries: std::fill_n(table.table, 16, 0x7FFFFFFFU); break;
        case Table::kShort: break;
    }
    Message& added = add(table);
    added.size = static_cast<Table>(how) == Table::kShort ? 16 : 80;
}

void UnaskedMessages::ask(FaultPoint& faults, Subject subject) {
    if (const auto details = faults.due(Fault::kUnknownMessage, subject)) {
        Message& message = add(details->value);
        message.completion = true;
        message.transaction_id = kFirstId + 2;
    }
    if (const auto details = faults.due(Fault::kShortMessage, subject)) {
        add(code(wire::NvspType::kSendVfAssociation)).size = details->value % 32;
    }
    if (const auto details = faults.due(Fault::kVfAssociation, subject)) {
        Message& message = add(wire::NvspSendVfAssociation{
            .type = code(wire::NvspType::kSendVfAssociation),
            .allocated = static_cast<Function>(details->how) == Function::kAdd ? 1U : 0U,
            .serial_number = details->value});
        message.completion = true;
        message.transaction_id = kFirstId;
    }
    if (const auto details = faults.due(Fault::kSwitchDataPath, subject)) {
        Message& message = add(wire::NvspSwitchDataPath{
            .type = code(wire::NvspType::kSwitchDataPath), .active_path = details->value});
        message.size = kPathMessageBytes;
        message.completion = true;
        message.transaction_id = kFirstId + 1;
    }
    if (const auto details = faults.due(Fault::kIndirectionTable, subject)) {
        add_table(details->how);
    }
    if (const auto details = faults.due(Fault::kFlood, subject)) {
        flood_ += details->value;
    }
}

void UnaskedMessages::send(Outbox& outbox) noexcept {
    while (!waiting_.empty()) {
        const Message& next = waiting_.front();
        if (!outbox.send({.completion_requested = next.completion,
                          .transaction_id = next.transaction_id,
                          .payload = base::Bytes(next.bytes).first(next.size)})) {
            return;
        }
        lent_ += next.completion ? 1 : 0;
        waiting_.erase(waiting_.begin());
    }
    while (flood_ > 0 && outbox.send({})) {
        --flood_;
    }
}

bool UnaskedMessages::take_back(std::uint64_t transaction_id) noexcept {
    if (lent_ == 0 || transaction_id < kFirstId || transaction_id > kFirstId + 2) {
        return false;
    }
    --lent_;
    return true;
}

std::size_t put_bad_status(const FaultDetails& details, base::MutableBytes out) noexcept {
    wire::RndisIndicateStatus status{
        .header = {static_cast<std::uint32_t>(wire::RndisType::kIndicateStatus), sizeof status},
        .status = static_cast<std::uint32_t>(wire::RndisStatus::kMediaConnect),
        .buffer_length = 0,
        .buffer_offset = 0};
    std::size_t size = sizeof status;
    switch (static_cast<Status>(details.how)) {
        case Status::kOutside:
            status.buffer_length = 0x100;
            status.buffer_offset = UINT32_MAX - 0x7F;
            break;
        case Status::kUnknown: status.status = 0x40017777; break;
        case Status::kShort:
            status.header.length = 12;
            size = 12;
            break;
        case Status::kOffload:
            status.status = static_cast<std::uint32_t>(wire::RndisStatus::kOffloadCurrentConfig);
            status.buffer_length = 4;
            status.buffer_offset = 12;
            size += 4;
            status.header.length = static_cast<std::uint32_t>(size);
            break;
    }
    base::store_at(out, 0, status);
    return size;
}

}  // namespace vmbus::host
