#include "host/lan_uplink.hpp"

#include <gtest/gtest.h>

#include "host/port_loop.hpp"
#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace test;

/// A port that keeps what it gets, and has what a test gives it.
class WatchedPort final : public Port {
public:
    void transmit(std::span<const Frame> frames) noexcept override { sent += frames.size(); }
    std::size_t receive(std::span<Frame> frames) noexcept override {
        std::size_t count = 0;
        for (; count < std::min(frames.size(), waiting.size()); ++count) {
            frames[count].bytes = std::as_bytes(std::span(waiting[count]));
        }
        given = std::exchange(waiting, {});
        for (std::size_t i = 0; i < count; ++i) {
            frames[i].bytes = std::as_bytes(std::span(given[i]));
        }
        return count;
    }
    void set_filter(std::uint32_t ndis_filter) noexcept override { filter = ndis_filter; }

    std::size_t sent = 0;
    std::uint32_t filter = 0;
    Frames waiting;
    Frames given;
};

class LanUplinkTest : public testing::Test {
protected:
    LanUplinkTest() {
        auto port = std::make_unique<WatchedPort>();
        port_ = port.get();
        uplink_.emplace(lan_, std::move(port));
        nic_.set_filter(0x20);
    }

    Replay replay_{fake_clock};
    std::shared_ptr<Lan> lan_ = std::make_shared<Lan>();
    LanPort nic_{lan_, replay_};
    WatchedPort* port_ = nullptr;
    std::optional<LanUplink> uplink_;
};

TEST_F(LanUplinkTest, OpensItsPort) {
    EXPECT_NE(port_->filter, 0U);
}

TEST_F(LanUplinkTest, CarriesFramesBothWays) {
    send(nic_, {frame_between(1, 2)});
    EXPECT_EQ(port_->sent, 1U);
    port_->waiting = {frame_between(2, 1), FrameBytes(5)};
    EXPECT_TRUE(uplink_->turn());
    EXPECT_EQ(take(nic_, 8), Frames{frame_between(2, 1)});
    EXPECT_FALSE(uplink_->turn());
}

TEST_F(LanUplinkTest, ThatIsGoneGetsNothing) {
    uplink_.reset();
    send(nic_, {frame_between(1, 2)});
    EXPECT_TRUE(take(nic_, 8).empty());
}

}  // namespace
}  // namespace vmbus::host
