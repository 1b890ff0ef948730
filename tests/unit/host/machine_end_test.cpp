#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "host/machine.hpp"

namespace vmbus::host {
namespace {

using testing::HasSubstr;

/// A machine whose only NIC was opened by the recorded guest, and nothing else.
class MachineThatPlays : public testing::Test {
protected:
    RunResult run(const std::vector<std::string>& command, unsigned deadline_s = 10) {
        auto recording = std::make_shared<Recording>();
        std::string why;
        recording->nics.push_back({.spec = *parse_nic_spec("port=null", 0, why),
                                   .steps = {{.kind = RecordKind::kOpened, .number = 2}},
                                   .goodbye = goodbye_});
        MachineOptions options;
        options.nics.push_back(recording->nics[0].spec);
        options.recording = std::move(recording);
        options.command = command;
        options.face_library = std::getenv("VMBUS_FACE_LIBRARY");
        options.replay_deadline = std::chrono::seconds(deadline_s);
        machine_ = Machine::create(std::move(options), why);
        EXPECT_NE(machine_, nullptr) << why;
        auto result = machine_->run([](const Machine&) {});
        EXPECT_TRUE(result.ok());
        return result.value();
    }
    const Playback& playback() const { return *machine_->playbacks()[0]; }

    std::size_t goodbye_ = 1;
    std::unique_ptr<Machine> machine_;
};

TEST_F(MachineThatPlays, EndsWithItsGuest) {
    const auto result = run({"sh", "-c", "exit 7"});
    EXPECT_EQ(result.end, RunEnd::kGuestEnded);
    EXPECT_EQ(result.guest_status, 7);
    EXPECT_THAT(playback().waits_for(), HasSubstr("record 2: waits for channel 0 to be opened"));
}

TEST_F(MachineThatPlays, EndsAtTheDeadlineWhenNothingMoves) {
    EXPECT_EQ(run({"sleep", "100"}, 1).end, RunEnd::kReplayStuck);
}

TEST_F(MachineThatPlays, AsksItsGuestToEndWhenOnlyTheGoodbyeIsLeft) {
    goodbye_ = 0;
    EXPECT_EQ(run({"sleep", "1"}).end, RunEnd::kReplayDone);
}

}  // namespace
}  // namespace vmbus::host
