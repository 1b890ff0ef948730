// The send buffer: memory that guest and host share, cut into sections. The guest fills a section,
// names it in a message, and leaves it alone until the host completes the message.
// Owned by the session; host thread only. Bytes are read in place: the guest can change them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.hpp"
#include "host/violation.hpp"

namespace vmbus::host {

/// What hosts cut it into (OpenVMM netvsp).
inline constexpr std::uint32_t kSendSectionBytes = 6144;

class SendBuffer {
public:
    /// The guest handed the buffer over. False when not even one section fits.
    bool attach(base::MutableBytes bytes) noexcept;
    void detach() noexcept { sections_ = 0; }
    bool attached() const noexcept { return sections_ > 0; }

    /// The bytes of a section that the guest names, now in flight. Nothing when it may not be
    /// named: `violation` says why.
    std::optional<base::Bytes> take(std::uint32_t index, std::uint32_t length,
                                    Violation& violation) noexcept;
    /// The bytes that take() will give, as far as there are such: nothing is taken.
    base::Bytes glance(std::uint32_t index, std::uint32_t length) const noexcept {
        return index < sections_ ? bytes_.subspan(std::size_t{index} * kSendSectionBytes,
                                                  std::min(length, kSendSectionBytes))
                                 : base::Bytes();
    }
    /// The message was completed: the guest may fill the section again. Requires: it was taken.
    void give_back(std::uint32_t index) noexcept {
        in_flight_[index / 64] &= ~(std::uint64_t{1} << index % 64);
    }
    bool in_flight(std::uint32_t index) const noexcept {
        return (in_flight_[index / 64] >> index % 64 & 1U) != 0;
    }

private:
    base::Bytes bytes_;
    std::uint32_t sections_ = 0;
    std::vector<std::uint64_t> in_flight_;
};

}  // namespace vmbus::host
