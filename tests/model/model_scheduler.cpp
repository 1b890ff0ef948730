#include "model_scheduler.hpp"

#include <algorithm>
#include <utility>

namespace vmbus::model {

namespace {
constexpr std::size_t kStackBytes = 32 * 1024;
}

Scheduler* Scheduler::active_ = nullptr;

Scheduler::Scheduler(Limits limits) : limits_(limits), random_(limits.seed) {
    for (std::size_t i = 0; i < kMaxThreads; ++i) {
        stacks_.push_back(std::make_unique<std::byte[]>(kStackBytes));
    }
    active_ = this;
}

Scheduler::~Scheduler() {
    active_ = nullptr;
}

Outcome Scheduler::explore(const std::function<Execution()>& make) {
    Outcome outcome;
    do {
        Execution execution = make();
        run_once(execution);
        ++outcome.executions;
        if (finished_ && failure_.empty()) {
            failure_ = execution.scenario->verdict();
        }
        if (!failure_.empty()) {
            outcome.failure = failure_;
            return outcome;
        }
        if (outcome.executions ==
            (limits_.random_walks ? limits_.random_walks : limits_.executions)) {
            return outcome;
        }
    } while (next_path());
    outcome.complete = true;
    return outcome;
}

void Scheduler::run_once(Execution& execution) {
    memory_ = execution.memory.get();
    scenario_ = execution.scenario.get();
    fibers_ = std::vector<Fiber>(scenario_->threads());
    std::ranges::fill(rung_, false);
    depth_ = preemptions_ = 0;
    finished_ = false;
    failure_.clear();
    for (std::size_t i = 0; i < fibers_.size(); ++i) {
        ::getcontext(&fibers_[i].context);
        fibers_[i].context.uc_stack.ss_sp = stacks_[i].get();
        fibers_[i].context.uc_stack.ss_size = kStackBytes;
        ::makecontext(&fibers_[i].context, enter_fiber, 0);
    }
    current_ = 0;
    ::swapcontext(&main_, &fibers_[0].context);
}

void Scheduler::enter_fiber() {
    Scheduler& scheduler = active();
    scheduler.observe(0);  // a thread that has begun is in another state than one that has not
    scheduler.scenario_->run(scheduler.current_);
    scheduler.block(Wait::kEnd, 0);
}

/// Abandons the execution: the fibers' stacks are simply used again.
void Scheduler::leave() {
    ::setcontext(&main_);
    __builtin_unreachable();
}

void Scheduler::fail(std::string why) {
    failure_ = std::move(why);
    leave();
}

/// The next path in depth-first order.
bool Scheduler::next_path() {
    while (!path_.empty() && path_.back().taken + 1 == path_.back().count) {
        path_.pop_back();
    }
    if (limits_.random_walks > 0) return true;
    if (path_.empty()) return false;
    ++path_.back().taken;
    return true;
}

std::size_t Scheduler::choose(std::size_t count, std::uint64_t what) {
    if (count == 1) return 0;
    if (limits_.random_walks > 0) return random_() % count;
    if (depth_ == path_.size()) {
        if (!seen_.insert(state_hash(what)).second) leave();
        path_.push_back({0, count});
    }
    return path_[depth_++].taken;
}

bool Scheduler::runnable(std::size_t thread) const {
    const Fiber& fiber = fibers_[thread];
    switch (fiber.wait) {
        case Wait::kNothing: return true;
        case Wait::kBell: return rung_[fiber.subject];
        case Wait::kWord: return memory_->has_newer(fiber.subject, fiber.message);
        case Wait::kChange: return memory_->changes_by_others(thread) != fiber.subject;
        case Wait::kEnd: return false;
    }
    return false;
}

std::span<const Scheduler::Option> Scheduler::options() {
    std::size_t count = 0;
    const auto add = [&](std::size_t thread, bool flush) { options_[count++] = {thread, flush}; };
    const bool goes_on = runnable(current_);
    if (goes_on) add(current_, false);
    for (std::size_t i = 0; i < fibers_.size(); ++i) {
        const bool allowed = !goes_on || preemptions_ < limits_.preemptions;
        if (i != current_ && allowed && runnable(i)) add(i, false);
    }
    for (std::size_t i = 0; i < fibers_.size(); ++i) {
        if (memory_->has_pending_store(i)) add(i, true);
    }
    return std::span(options_).first(count);
}

void Scheduler::step() {
    for (;;) {
        const auto all = options();
        if (all.empty()) {
            finished_ = std::ranges::all_of(fibers_, [](auto& f) { return f.wait == Wait::kEnd; });
            if (!finished_) failure_ = "nobody can go on: a wake-up is lost";
            leave();
        }
        const Option option = all[choose(all.size(), 0)];
        if (option.flush) {
            memory_->flush_one(option.thread);
            continue;
        }
        preemptions_ += option.thread != current_ && runnable(current_);
        return switch_to(option.thread);
    }
}

void Scheduler::switch_to(std::size_t thread) {
    if (fibers_[thread].wait == Wait::kBell) rung_[fibers_[thread].subject] = false;
    fibers_[thread].wait = Wait::kNothing;
    if (const std::size_t before = std::exchange(current_, thread); before != thread) {
        ::swapcontext(&fibers_[before].context, &fibers_[thread].context);
    }
}

void Scheduler::block(Wait wait, std::uint64_t subject, std::uint64_t message) {
    Fiber& fiber = fibers_[current_];
    fiber.wait = wait;
    fiber.subject = subject;
    fiber.message = message;
    step();
}

void Scheduler::observe(std::uint64_t value) noexcept {
    fibers_[current_].observed = mix(fibers_[current_].observed + 1, value);
}

void Scheduler::ring(std::size_t bell) {
    step();
    rung_[bell] = true;
    observe(bell);
}

void Scheduler::sleep(std::size_t bell) {
    block(Wait::kBell, bell);
    observe(bell);
}

void Scheduler::await_newer(std::size_t word, std::size_t message) {
    block(Wait::kWord, word, message);
}

void Scheduler::await_change() {
    block(Wait::kChange, memory_->changes_by_others(current_));
    observe(0);
}

std::uint64_t Scheduler::state_hash(std::uint64_t what) const {
    std::uint64_t hash = mix(memory_->hash(), what);
    for (const Fiber& fiber : fibers_) {
        hash = mix(hash, fiber.observed);
        hash = mix(hash, static_cast<std::uint64_t>(fiber.wait) << 32 | fiber.message);
        hash = mix(hash, fiber.wait == Wait::kNothing ? 0 : fiber.subject);
    }
    for (const bool rung : rung_) hash = mix(hash, rung);
    // Who runs matters only where switching costs.
    return limits_.preemptions == SIZE_MAX && what == 0
               ? hash
               : mix(hash, preemptions_ * kMaxThreads + current_);
}

}  // namespace vmbus::model
