#include "host/send_buffer.hpp"

namespace vmbus::host {

bool SendBuffer::attach(base::MutableBytes bytes) noexcept {
    bytes_ = bytes;
    sections_ = static_cast<std::uint32_t>(bytes.size() / kSendSectionBytes);
    in_flight_.assign((sections_ + 63) / 64, 0);
    return attached();
}

std::optional<base::Bytes> SendBuffer::take(std::uint32_t index, std::uint32_t length,
                                            Violation& violation) noexcept {
    if (index >= sections_) {
        violation = Violation::kBadSectionIndex;
        return std::nullopt;
    }
    if (length == 0 || length > kSendSectionBytes) {
        violation = Violation::kBadSectionLength;
        return std::nullopt;
    }
    if (in_flight(index)) {
        violation = Violation::kSectionReused;
        return std::nullopt;
    }
    in_flight_[index / 64] |= std::uint64_t{1} << index % 64;
    return glance(index, length);
}

}  // namespace vmbus::host
