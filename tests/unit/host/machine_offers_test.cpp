#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "host/machine.hpp"

namespace vmbus::host {
namespace {

using namespace std::chrono_literals;

/// A machine without a guest, whose run a test steps from inside, as the control socket does.
class MachineOffers : public ::testing::Test {
protected:
    MachineOffers() {
        MachineOptions options;
        std::string why;
        for (unsigned i = 0; i < 2; ++i) {
            options.nics.push_back(
                *parse_nic_spec("port=null,ring=16K,recv=128K,send=64K", i, why));
        }
        options.report_period = 1s;
        options.kernel = find_kernel_profile("6.18");
        machine_ = Machine::create(options, why);
        EXPECT_NE(machine_, nullptr) << why;
    }
    MachineNic& nic(std::size_t i) { return *machine_->nics()[i]; }

    /// Runs until the condition holds; false when it does not in time.
    bool runs_until(const std::function<bool()>& condition) {
        bool held = false;
        Watch watch(*machine_, condition, held);
        EXPECT_EQ(machine_->add_service(watch), 0);
        const auto result = machine_->run([](const Machine&) {});
        return held && result.value().end == RunEnd::kStopped;
    }

    /// Always readable, so that it is asked at each look.
    class Watch final : public Service {
    public:
        Watch(Machine& machine, const std::function<bool()>& condition, bool& held)
            : machine_(machine), condition_(condition), held_(held) {
            EXPECT_EQ(pipe(ends_), 0);
            EXPECT_EQ(write(ends_[1], "x", 1), 1);
        }
        ~Watch() {
            close(ends_[0]);
            close(ends_[1]);
        }
        int poll_fd() const noexcept override { return ends_[0]; }
        void service() noexcept override {
            held_ = condition_();
            if (held_ || std::chrono::steady_clock::now() > deadline_) machine_.request_stop();
        }

    private:
        Machine& machine_;
        const std::function<bool()>& condition_;
        bool& held_;
        const std::chrono::steady_clock::time_point deadline_ =
            std::chrono::steady_clock::now() + 10s;
        int ends_[2] = {-1, -1};
    };

    std::string why_;
    std::unique_ptr<Machine> machine_;
};

TEST_F(MachineOffers, ARescindedNicIsOfferedAgainAsAnotherDevice) {
    const auto relid = nic(0).relid();
    const auto uio = nic(0).uio_number();
    ASSERT_TRUE(machine_->rescind(0, why_));
    ASSERT_TRUE(machine_->offer_again(0, why_));
    EXPECT_TRUE(runs_until([this] { return !nic(0).rescinded(); }));
    EXPECT_NE(nic(0).relid(), relid);
    EXPECT_NE(nic(0).uio_number(), uio);
    EXPECT_EQ(nic(0).nic().spec().id, machine_->options().nics[0].id);
}

TEST_F(MachineOffers, ARestartTakesAllNicsAndBringsThemBack) {
    machine_->restart(20ms);
    EXPECT_TRUE(nic(0).rescinded() && nic(1).rescinded());
    EXPECT_TRUE(runs_until([this] { return !nic(0).rescinded() && !nic(1).rescinded(); }));
}

TEST_F(MachineOffers, TheCableStaysAsItWas) {
    ASSERT_TRUE(machine_->set_link(1, false, why_));
    machine_->restart(0ms);
    EXPECT_TRUE(runs_until([this] { return !nic(1).rescinded(); }));
    EXPECT_FALSE(nic(1).nic().link_up());
    EXPECT_TRUE(nic(0).nic().link_up());
}

TEST(MachineCapture, IsWrittenWithoutAGuestOfItsOwnToo) {
    MachineOptions options;
    std::string why;
    options.nics.push_back(*parse_nic_spec("port=null,ring=16K,recv=128K,send=64K", 0, why));
    options.capture = ::testing::TempDir() + "machine_capture." + std::to_string(::getpid());
    auto machine = Machine::create(options, why);
    ASSERT_NE(machine, nullptr) << why;
    machine->request_stop();
    EXPECT_EQ(machine->run([](const Machine&) {}).value().end, RunEnd::kStopped);
    machine.reset();
    EXPECT_GT(std::filesystem::file_size(options.capture), 0U);
    std::filesystem::remove(options.capture);
}

TEST_F(MachineOffers, WhatIsNotThereIsRefused) {
    EXPECT_FALSE(machine_->set_link(2, true, why_));
    EXPECT_FALSE(machine_->rescind(2, why_));
    EXPECT_FALSE(machine_->offer_again(0, why_));
    EXPECT_NE(why_, "");
    EXPECT_TRUE(machine_->rescind(0, why_));
    EXPECT_FALSE(machine_->rescind(0, why_));
}

}  // namespace
}  // namespace vmbus::host
