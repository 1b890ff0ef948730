// SignalWatch: the host's eye on the two pages through which guests signal: it takes the bits that
// were set and says which channels they belong to. Shared by all NICs of one machine.
// Owned by the machine, host thread.
#pragma once

#include <bit>
#include <cstdint>

#include "wire/signal_pages.hpp"

namespace vmbus::host {

class SignalWatch {
public:
    SignalWatch(wire::MonitorPage& monitor, wire::InterruptPage& interrupts) noexcept
        : monitor_(monitor), interrupts_(interrupts) {}

    /// Takes all monitor bits that are set and calls visit(monitor_id) for each. True when any was.
    template <class Visit>
    bool take_monitored(Visit&& visit) noexcept {
        bool any = false;
        for (std::uint32_t group = 0; group < wire::kMonitorGroups; ++group) {
            any |= take(monitor_.trigger[group].pending, [&](std::uint32_t bit) {
                visit(group * wire::kMonitorBitsPerGroup + bit);
            });
        }
        return any;
    }

    /// Takes the event bit of one channel. Requires: relid <= kMaxRelid.
    void clear_event(std::uint32_t relid) noexcept {
        auto& word = interrupts_.guest_to_host[relid / 32];
        // sync event.clear -> trigger.set: what was published before the bit is seen after it.
        word.fetch_and_seq_cst(~(1U << relid % 32));
    }

private:
    template <class Visit>
    static bool take(base::Shared<std::uint32_t>& word, Visit&& visit) noexcept {
        // relaxed: only whether a locked operation is worth it; a bit that is missed now is seen
        // at the next look.
        if (word.load_relaxed() == 0) {
            return false;
        }
        // Both sides modify the word: taken in one operation, or the guest's bits would be lost.
        // sync trigger.take -> trigger.set: what was published before the bit is seen after it.
        std::uint32_t bits = word.exchange_seq_cst(0);
        for (; bits != 0; bits &= bits - 1) {
            visit(static_cast<std::uint32_t>(std::countr_zero(bits)));
        }
        return true;
    }

    wire::MonitorPage& monitor_;
    wire::InterruptPage& interrupts_;
};

}  // namespace vmbus::host
