// Runs the threads of a small program as fibers, one at a time, and decides at each step who goes
// on. Every decision is recorded, so that all of them can be tried (depth first, by replay; a state
// seen before is not entered again) or drawn at random from a seed.
// One scheduler for each exploration; everything happens on one real thread.
#pragma once

#include <ucontext.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace vmbus::model {

inline constexpr std::size_t kMaxThreads = 4;
inline constexpr std::size_t kBells = 2;

inline std::uint64_t mix(std::uint64_t hash, std::uint64_t value) noexcept {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
    return hash ^ hash >> 29;
}

/// The memory that the threads share, as far as the scheduler must know it.
class Environment {
public:
    virtual ~Environment() = default;
    virtual std::uint64_t hash() const = 0;
    /// Whether a store of this thread waits to reach memory, and making it.
    virtual bool has_pending_store(std::size_t thread) const = 0;
    virtual void flush_one(std::size_t thread) = 0;
    /// How often memory changed by others than this thread.
    virtual std::uint64_t changes_by_others(std::size_t thread) const = 0;
    virtual bool has_newer(std::size_t word, std::size_t message) const = 0;
};

/// One program: made anew for each execution.
class Scenario {
public:
    virtual ~Scenario() = default;
    virtual std::size_t threads() const = 0;
    virtual void run(std::size_t thread) = 0;
    /// After all threads ended: what is wrong, or nothing.
    virtual std::string verdict() = 0;
};

struct Limits {
    std::size_t preemptions = SIZE_MAX;  ///< how often a thread that could go on is stopped
    std::size_t executions = 400'000;    ///< give up after
    std::size_t random_walks = 0;        ///< instead of all: so many, drawn from `seed`
    std::uint64_t seed = 1;
};

struct Outcome {
    std::string failure;  ///< of the first execution that failed
    std::size_t executions = 0;
    bool complete = false;  ///< every decision (within the preemption limit) was tried
};

class Scheduler {
public:
    explicit Scheduler(Limits limits);
    ~Scheduler();

    /// `make` builds memory and program for one execution.
    struct Execution {
        std::unique_ptr<Environment> memory;
        std::unique_ptr<Scenario> scenario;
    };
    Outcome explore(const std::function<Execution()>& make);

    // Called by the running fiber.
    std::size_t self() const noexcept { return current_; }
    /// Somebody else may run now.
    void step();
    /// One of `count` possibilities; `what` tells decisions in the same state apart.
    std::size_t choose(std::size_t count, std::uint64_t what);
    void observe(std::uint64_t value) noexcept;
    void ring(std::size_t bell);
    void sleep(std::size_t bell);
    /// Not before `word` has a message after `message`.
    void await_newer(std::size_t word, std::size_t message);
    /// Not before another thread changed memory.
    void await_change();
    [[noreturn]] void fail(std::string why);

    static Scheduler& active() noexcept { return *active_; }

private:
    enum class Wait : std::uint8_t { kNothing, kBell, kWord, kChange, kEnd };
    struct Fiber {
        ucontext_t context{};
        Wait wait = Wait::kNothing;
        std::uint64_t subject = 0;  ///< bell, word or count of changes
        std::uint64_t message = 0;
        std::uint64_t observed = 0;  ///< hash of all it has read: stands for its local state
    };
    struct Decision {
        std::size_t taken;
        std::size_t count;
    };
    struct Option {
        std::size_t thread;
        bool flush;
    };

    void run_once(Execution& execution);
    bool next_path();
    bool runnable(std::size_t thread) const;
    std::span<const Option> options();
    void block(Wait wait, std::uint64_t subject, std::uint64_t message = 0);
    void switch_to(std::size_t thread);
    [[noreturn]] void leave();
    std::uint64_t state_hash(std::uint64_t what) const;
    static void enter_fiber();

    static Scheduler* active_;

    Limits limits_;
    std::mt19937_64 random_;
    std::vector<std::unique_ptr<std::byte[]>> stacks_;
    std::unordered_set<std::uint64_t> seen_;
    std::vector<Decision> path_;

    // Of the execution in progress.
    ucontext_t main_{};
    Environment* memory_ = nullptr;
    Scenario* scenario_ = nullptr;
    std::vector<Fiber> fibers_;
    std::array<Option, 2 * kMaxThreads> options_{};
    bool rung_[kBells] = {};
    std::size_t current_ = 0;
    std::size_t depth_ = 0;
    std::size_t preemptions_ = 0;
    std::string failure_;
    bool finished_ = false;
};

}  // namespace vmbus::model
