// A doorbell that only counts: shared by its copies, so that a test can keep one and give one away.
#pragma once

#include <atomic>
#include <memory>

#include "channel/doorbell.hpp"

namespace vmbus::support {

class RecordingDoorbell {
public:
    void ring() noexcept { rings_->fetch_add(1); }
    int rings() const noexcept { return rings_->load(); }

private:
    std::shared_ptr<std::atomic<int>> rings_ = std::make_shared<std::atomic<int>>(0);
};
static_assert(channel::Doorbell<RecordingDoorbell>);

}  // namespace vmbus::support
