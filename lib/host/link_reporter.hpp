// When a guest is told of its link: at once, but not twice within five seconds, so that a cable
// that is pulled and plugged is two indications and never none. Being told to say what was said
// already, it says the opposite first: the guest looks again. Source: OpenVMM netvsp, link state
// handling. Pure value; the time is the caller's.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>

namespace vmbus::host {

class LinkReporter {
public:
    using Time = std::chrono::steady_clock::time_point;
    using Clock = Time (*)();
    static constexpr std::chrono::seconds kApart{5};

    explicit LinkReporter(bool up) noexcept : told_(up) {}

    /// The link is up or down, and the guest is to know.
    void notify(bool up) noexcept {
        const bool last = count_ > 0 ? waiting_[count_ - 1] : told_;
        if (up != last) {
            count_ == waiting_.size() ? void(--count_) : push(up);
        } else if (count_ == 0) {
            push(!up);
            push(up);
        }
    }

    bool waits() const noexcept { return count_ > 0; }
    /// What to say now. The caller says it.
    std::optional<bool> due(Time now) noexcept {
        if (count_ == 0 || (last_ && now - *last_ < kApart)) {
            return std::nullopt;
        }
        told_ = waiting_[0];
        waiting_[0] = waiting_[1];
        --count_;
        last_ = now;
        return told_;
    }

private:
    void push(bool up) noexcept { waiting_[count_++] = up; }

    bool told_;
    std::size_t count_ = 0;
    std::array<bool, 2> waiting_{};
    std::optional<Time> last_;
};

}  // namespace vmbus::host
