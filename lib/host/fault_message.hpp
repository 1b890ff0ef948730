// Messages that nobody asked for: what a misbehaving host says in-band, and status indications that
// are none. They wait here until the ring has room.
// Owned by a channel; host thread only. Docs: docs/emulator.md, "Faults".
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "host/fault_engine.hpp"
#include "wire/nvsp.hpp"

namespace vmbus::host {

class Outbox;

class UnaskedMessages {
public:
    /// One more packet of the guest, about `subject`: says what the script wants said.
    void ask(FaultPoint& faults, Subject subject);
    /// Sends what fits now.
    void send(Outbox& outbox) noexcept;
    /// The guest completed one of them: nothing of the receive buffer comes back.
    bool take_back(std::uint64_t transaction_id) noexcept;

private:
    struct Message {
        std::array<std::byte, sizeof(wire::NvspSendIndirectionTable) + 4> bytes{};
        std::size_t size = 0;
        std::uint64_t transaction_id = 0;
        bool completion = false;
    };
    template <class T>
    Message& add(const T& message);
    void add_table(std::uint8_t how);

    std::vector<Message> waiting_;
    std::uint32_t flood_ = 0;  ///< tiny packets that are due
    std::uint64_t lent_ = 0;   ///< completions that the guest still owes
};

/// A status indication that is wrong in this way; its size in `out`.
std::size_t put_bad_status(const FaultDetails& details, base::MutableBytes out) noexcept;

}  // namespace vmbus::host
