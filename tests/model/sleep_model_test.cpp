// A receiver that sleeps on a bell of its own, and the interrupt thread in between: the reader's
// and the bell's own source, with the host on one side and a kernel that masks or does not. Each
// order that docs/memory-model.md calls necessary is turned round once, as a control that must
// lose.
#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <tuple>

#include "model_memory.hpp"
#include "net/netvsc/rx_bell.hpp"
#include "ring/reader.hpp"
#include "ring/writer.hpp"

namespace vmbus::model {
namespace {

using ring::Publication;

/// Words without a name are the writer's.
struct BellWord : ModelWord<std::uint32_t> {
    explicit BellWord(std::uint32_t initial) : ModelWord("bell", initial) {}
};

/// The lcore's or the interrupt thread's.
enum class Mistake : std::uint8_t {
    kNone,
    kArmsAfterUnmasking,
    kDoesNotLookAgain,
    kTakesTheArmBeforeMasking,
    kTrustsTheIndicesAlone,
};

struct SleepStory {
    const char* name;
    unsigned packets;
    bool kernel_masks;     ///< as kernels before 6.18 do at each event
    bool polls_once_more;  ///< the application, between enabling and sleeping
    Mistake mistake = Mistake::kNone;
};
void PrintTo(const SleepStory& story, std::ostream* to) {
    *to << story.name;
}

class SleepScenario final : public Scenario {
public:
    SleepScenario(Machine& machine, const SleepStory& story) : machine_(machine), story_(story) {}

    std::size_t threads() const override { return 3; }
    void run(std::size_t thread) override {
        switch (thread) {
            case 0: send(); break;
            case 1: answer_interrupts(); break;
            default: receive(); break;
        }
    }
    std::string verdict() override { return ""; }

private:
    enum File : std::size_t { kUio, kBell };
    static constexpr std::uint32_t kBytes = 24;

    /// The host; and the kernel, which orders what it does to the mask before the event.
    void send() {
        for (unsigned n = 0; n < story_.packets; ++n) {
            ring::Reservation place;
            while (writer_.reserve(kBytes, place) != ring::ReserveStatus::kOk) {
                if (!machine_.catch_up()) Scheduler::active().await_change();
            }
            writer_.fill(place).put({.transaction_id = n});
            if (!writer_.publish(place)) continue;
            if (story_.kernel_masks) page_.interrupt_mask.store_seq_cst(1);
            Scheduler::active().ring(kUio);
        }
    }

    void answer_interrupts() {
        for (;;) {
            Scheduler::active().sleep(kUio);
            machine_.catch_up();  // reading the file orders this after the event
            if (done_.load_acquire() != 0) return;
            if (called() && bell_.take()) Scheduler::active().ring(kBell);
        }
    }
    bool called() {
        if (story_.mistake == Mistake::kTakesTheArmBeforeMasking) {
            if (bell_.take()) Scheduler::active().ring(kBell);
            return reader_.mask_if_called() && false;
        }
        if (story_.mistake == Mistake::kTrustsTheIndicesAlone &&
            page_.in.load_acquire() == page_.out.load_relaxed()) {
            return false;
        }
        return reader_.mask_if_called();
    }

    void receive() {
        while (taken_ < story_.packets) {
            poll();
            if (taken_ == story_.packets) break;
            if (!enable() && bell_.take()) continue;  // it has rung: sleeping ends at once
            if (story_.polls_once_more) poll();
            if (taken_ == story_.packets) break;
            Scheduler::active().sleep(kBell);
            reader_.mask();
            bell_.disarm();
        }
        done_.store_seq_cst(1);
        Scheduler::active().ring(kUio);
    }
    void poll() {
        while (reader_.poll()) {
            ring::BasicPacketView<ModelMemory> view;
            while (reader_.next(view)) ++taken_;
            reader_.release();
        }
    }
    /// False: do not sleep.
    bool enable() {
        const bool late = story_.mistake == Mistake::kArmsAfterUnmasking;
        if (!late) bell_.arm();
        bool something = reader_.unmask_and_recheck();
        if (late) bell_.arm();
        something = something && story_.mistake != Mistake::kDoesNotLookAgain;
        return !something;
    }

    Machine& machine_;
    const SleepStory& story_;
    ModelPage page_;
    ModelMemory memory_{page_, machine_};
    ring::BasicWriter<ModelMemory> writer_{memory_, Publication::kSingle};
    ring::BasicReader<ModelMemory> reader_{memory_, ring::FooterCheck::kStrict};
    netvsc::BasicBellState<BellWord> bell_;
    ModelWord<std::uint32_t> done_{"ended", 0};
    unsigned taken_ = 0;
};

Outcome explore(const SleepStory& story, Strength strength, Limits limits) {
    Scheduler scheduler(limits);
    return scheduler.explore([&] {
        Scheduler::Execution execution;
        auto machine = std::make_unique<Machine>(strength, 64, nullptr);
        execution.scenario = std::make_unique<SleepScenario>(*machine, story);
        execution.memory = std::move(machine);
        return execution;
    });
}

constexpr Limits kLimits{.preemptions = 2, .executions = 60'000};

const SleepStory kRight[] = {
    {"Plain", 2, false, false},        {"KernelMasks", 2, true, false},
    {"PollsOnceMore", 2, false, true}, {"PollsOnceMoreAndKernelMasks", 2, true, true},
    {"Long", 4, true, true},
};

class SleepModel : public testing::TestWithParam<std::tuple<SleepStory, Strength>> {};

std::string name_of(const testing::TestParamInfo<SleepModel::ParamType>& test) {
    const auto& [story, strength] = test.param;
    return std::string(story.name) + (strength == Strength::kTso ? "Tso" : "Weak");
}
INSTANTIATE_TEST_SUITE_P(Stories, SleepModel,
                         testing::Combine(testing::ValuesIn(kRight),
                                          testing::Values(Strength::kTso, Strength::kWeak)),
                         name_of);

TEST_P(SleepModel, LosesNoWakeUp) {
    const auto& [story, strength] = GetParam();
    const auto outcome = explore(story, strength, kLimits);
    EXPECT_EQ(outcome.failure, "");
    RecordProperty("executions", std::to_string(outcome.executions));
}

const SleepStory kWrong[] = {
    {"ArmsAfterUnmasking", 2, false, false, Mistake::kArmsAfterUnmasking},
    {"DoesNotLookAgain", 2, false, false, Mistake::kDoesNotLookAgain},
    {"TakesTheArmBeforeMasking", 2, false, false, Mistake::kTakesTheArmBeforeMasking},
    {"TrustsTheIndicesAlone", 2, true, true, Mistake::kTrustsTheIndicesAlone},
};

class SleepMistake : public testing::TestWithParam<SleepStory> {};
INSTANTIATE_TEST_SUITE_P(Orders, SleepMistake, testing::ValuesIn(kWrong),
                         [](const auto& test) { return std::string(test.param.name); });

TEST_P(SleepMistake, LosesAWakeUp) {
    for (const auto strength : {Strength::kTso, Strength::kWeak}) {
        EXPECT_NE(explore(GetParam(), strength, kLimits).failure, "");
    }
}

}  // namespace
}  // namespace vmbus::model
