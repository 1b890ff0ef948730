#include "change.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vmbus::devbind {
namespace {

constexpr int kNotSupported = 524;  // the kernel's own ENOTSUPP, which it lets out here
constexpr auto kNamingTime = std::chrono::seconds(3);

std::string words_for(int error) {
    if (error == kNotSupported || error == EOPNOTSUPP) {
        return "the kernel binds only NICs with a monitor bit before Linux 6.10";
    }
    return std::strerror(error);
}

bool is_privilege(int error) {
    return error == EACCES || error == EPERM || error == EROFS;
}

std::string described(const Nic& nic) {
    const std::string& name = nic.ifname.empty() ? nic.earlier_ifname : nic.ifname;
    return name.empty() ? nic.uuid : fmt::format("{} ({})", nic.uuid, name);
}

}  // namespace

Change::Change(const Tree& tree, Kernel& kernel, ChangeOptions options, Voice voice)
    : tree_(tree), kernel_(kernel), records_(tree), options_(options), voice_(std::move(voice)) {}

void Change::begin() {
    if (options_.dry_run) {
        return;
    }
    const auto end = kernel_.now() + options_.deadline;
    lock_error_ = records_.lock(lock_);
    while (lock_error_ == EWOULDBLOCK && kernel_.now() < end && !kernel_.stop_wanted()) {
        kernel_.pause();
        lock_error_ = records_.lock(lock_);
    }
    for (const Record& record : records_.all()) {
        if (lock_error_ == 0 && record.phase != Phase::kBound) {
            recover(record);
        }
    }
}

void Change::recover(const Record& record) {
    const auto nic = read_nic(tree_, records_, record.uuid);
    if (!nic) {
        records_.erase(record.uuid);
        return;
    }
    // Killed after the last write: nothing is missing but the note that it was the last.
    const bool complete = record.phase == Phase::kBinding && nic->on_uio();
    if (!complete && !users_of(tree_, nic->uio).empty()) {
        voice_.say(fmt::format("{}: an interrupted change waits until nobody has /dev/{} open",
                               described(*nic), nic->uio));
        return;
    }
    voice_.say(fmt::format("{}: an interrupted change is {}", described(*nic),
                           complete ? "completed" : "put back"));
    undo_task({.nic = *nic,
               .record = record,
               .target = {},
               .before = complete ? bound_state(*nic) : record.origin});
}

Exit Change::bind(const std::vector<Nic>& nics, const Surroundings& around) {
    std::vector<Task> tasks;
    Exit refusal = Exit::kOk;
    for (const Nic& nic : nics) {
        if (nic.on_uio()) {
            voice_.say(fmt::format("{}: already on {}", described(nic), kUioDriver));
            continue;
        }
        const auto dangers = dangers_of_binding(nic, around);
        if (!dangers.empty() && !options_.force) {
            voice_.say(fmt::format("{}: refused: it {} (--force binds it nevertheless)",
                                   described(nic), sentence_of(dangers)));
            refusal = Exit::kRefused;
        }
        tasks.push_back(binding_of(nic));
    }
    if (refusal != Exit::kOk || tasks.empty()) {
        return refusal;
    }
    const Exit missing = need_driver(kUioDriver);
    return missing != Exit::kOk ? missing : carry_out(tasks);
}

/// Where an earlier change could not be put back, its origin is still the way back.
Change::Task Change::binding_of(const Nic& nic) const {
    Record record{.uuid = nic.uuid, .origin = origin_of(nic)};
    if (auto earlier = records_.load(nic.uuid); earlier && earlier->phase != Phase::kBound) {
        record = std::move(*earlier);
    }
    record.phase = Phase::kBinding;
    const Origin before = record.origin;
    return {.nic = nic,
            .record = std::move(record),
            .target = bound_state(nic),
            .before = before,
            .keep = true};
}

Exit Change::restore(const std::vector<Nic>& nics) {
    std::vector<Task> tasks;
    for (const Nic& nic : nics) {
        auto record =
            records_.load(nic.uuid).value_or(Record{.uuid = nic.uuid, .origin = kernel_state()});
        record.phase = Phase::kRestoring;
        if (record.origin.driver.empty() || record.origin.driver == kUioDriver) {
            record.origin.driver = kNetDriver;
        }
        // Half-way is no state to go back to.
        const Task task{.nic = nic,
                        .record = record,
                        .target = record.origin,
                        .before = nic.interrupted ? record.origin : origin_of(nic)};
        if (!task.steps().empty()) {
            tasks.push_back(task);
            continue;
        }
        voice_.say(fmt::format("{}: already on {}", described(nic), nic.driver));
        if (lock_) {
            records_.erase(nic.uuid);
        }
    }
    if (tasks.empty()) {
        return Exit::kOk;
    }
    if (in_use(tasks) && !options_.force) {
        return Exit::kRefused;
    }
    for (const Task& task : tasks) {
        if (const Exit missing = need_driver(task.target.driver); missing != Exit::kOk) {
            return missing;
        }
    }
    return carry_out(tasks);
}

/// The kernel takes the rings back from whoever has them mapped, who then writes into memory that
/// is somebody else's.
bool Change::in_use(const std::vector<Task>& tasks) {
    bool used = false;
    for (const Task& task : tasks) {
        for (const auto& user : users_of(tree_, task.nic.uio)) {
            voice_.say(fmt::format("{}: {}: process {} has /dev/{} open{}", described(task.nic),
                                   options_.force ? "warning" : "refused", user, task.nic.uio,
                                   options_.force ? "" : " (--force takes it away)"));
            used = true;
        }
    }
    return used;
}

Exit Change::need_driver(std::string_view driver) {
    if (tree_.exists(std::string(kDrivers) + std::string(driver))) {
        return Exit::kOk;
    }
    if (options_.dry_run) {
        voice_.print(fmt::format("modprobe {}", driver));
        return Exit::kOk;
    }
    if (kernel_.load_module(std::string(driver)) == 0 &&
        tree_.exists(std::string(kDrivers) + std::string(driver))) {
        return Exit::kOk;
    }
    voice_.say(fmt::format("the kernel has no driver {}: modprobe {}", driver, driver));
    return Exit::kMissing;
}

Exit Change::carry_out(std::vector<Task>& tasks) {
    if (options_.dry_run) {
        return show(tasks);
    }
    if (const Exit obstacle = check_rights(tasks); obstacle != Exit::kOk) {
        return obstacle;
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const auto failure = do_task(tasks[i]);
        if (!failure) {
            continue;
        }
        const Exit exit = report(tasks[i], *failure);
        heeds_stop_ = false;
        for (std::size_t back = i + 1; back-- > 0;) {
            undo_task(tasks[back]);
        }
        return exit;
    }
    return Exit::kOk;
}

Exit Change::show(const std::vector<Task>& tasks) {
    for (const Task& task : tasks) {
        voice_.print(fmt::format("# {}", described(task.nic)));
        for (const Step& step : task.steps()) {
            voice_.print(shell_line(tree_, step));
        }
    }
    return Exit::kOk;
}

Exit Change::check_rights(const std::vector<Task>& tasks) {
    if (lock_error_ != 0) {
        const bool busy = lock_error_ == EWOULDBLOCK;
        voice_.say(busy ? "another vmbus-devbind is at work"
                        : fmt::format("/run/vmbus-devbind: {}", std::strerror(lock_error_)));
        return busy ? Exit::kFailed : Exit::kMissing;
    }
    for (const Task& task : tasks) {
        for (const Step& step : task.steps()) {
            const bool written = step.kind == Step::Kind::kWrite && !step.optional;
            const int obstacle = written ? tree_.write_obstacle(step.name) : 0;
            if (obstacle != 0) {
                voice_.say(fmt::format("{}: {}{}", tree_.path(step.name), std::strerror(obstacle),
                                       is_privilege(obstacle) ? " (this needs root)" : ""));
                return Exit::kMissing;
            }
        }
    }
    return Exit::kOk;
}

Exit Change::report(const Task& task, const Failure& failure) {
    voice_.say(fmt::format("{}: {}: {}; what was changed is put back", described(task.nic),
                           failure.what, words_for(failure.error)));
    return is_privilege(failure.error) ? Exit::kMissing : Exit::kFailed;
}

Change::Outcome Change::do_task(Task& task) {
    if (const int error = records_.save(task.record); error != 0) {
        return Failure{"/run/vmbus-devbind", error};
    }
    if (auto failure = run(task.steps(), task.record)) {
        return failure;
    }
    const auto now = read_nic(tree_, records_, task.nic.uuid).value_or(task.nic);
    if (task.keep) {
        task.record.phase = Phase::kBound;
        records_.save(task.record);
        voice_.say(fmt::format("{}: on {}, /dev/{}", described(task.nic), kUioDriver, now.uio));
    } else {
        records_.erase(task.nic.uuid);
        voice_.say(fmt::format("{}: on {}", described(now), task.target.driver));
    }
    return std::nullopt;
}

void Change::undo_task(const Task& task) {
    const auto nic = read_nic(tree_, records_, task.nic.uuid);
    if (!nic) {
        records_.erase(task.nic.uuid);
        voice_.say(fmt::format("{}: the host has taken it away", described(task.nic)));
        return;
    }
    const bool was_bound = task.before.driver == kUioDriver;
    Record record = task.record;
    const auto steps = plan(*nic, task.before, {.id = record.dynamic_id, .lowered = true});
    if (const auto failure = run(steps, record)) {
        voice_.say(fmt::format("{}: putting back: {}: {}; the next run tries again",
                               described(*nic), failure->what, words_for(failure->error)));
        return;
    }
    if (!was_bound) {
        records_.erase(nic->uuid);
        return;
    }
    record.phase = Phase::kBound;
    records_.save(record);
}

Change::Outcome Change::run(const std::vector<Step>& steps, Record& record) {
    for (const Step& step : steps) {
        const bool write = step.kind == Step::Kind::kWrite;
        auto failure = write ? run_write(step, record) : run_wait(record.uuid, step);
        if (!failure) {
            continue;
        }
        if (!step.optional) {
            return failure;
        }
        voice_.say(
            fmt::format("{}: {}: {}", record.uuid, failure->what, words_for(failure->error)));
    }
    return std::nullopt;
}

Change::Outcome Change::run_write(const Step& step, Record& record) {
    if (heeds_stop_ && !step.optional && kernel_.stop_wanted()) {
        return Failure{"a signal", EINTR};
    }
    if (step.removes_an_id && !record.dynamic_id) {
        return std::nullopt;
    }
    if (step.adds_an_id) {
        note_id(record, true);
    }
    const int error = kernel_.write(step.name, step.text);
    if (step.removes_an_id || (step.adds_an_id && error != 0)) {
        note_id(record, false);  // gone, or somebody else's
    }
    return error == 0 || error == step.harmless ? Outcome()
                                                : Failure{shell_line(tree_, step), error};
}

void Change::note_id(Record& record, bool there) {
    record.dynamic_id = there;
    records_.save(record);
}

Change::Outcome Change::run_wait(const std::string& uuid, const Step& step) {
    const bool naming = step.kind == Step::Kind::kAwaitName;
    const auto limit = naming ? std::min<std::chrono::milliseconds>(options_.deadline, kNamingTime)
                              : options_.deadline;
    const auto end = kernel_.now() + limit;
    while (!settled(uuid, step)) {
        if (heeds_stop_ && !step.optional && kernel_.stop_wanted()) {
            return Failure{"a signal", EINTR};
        }
        if (kernel_.now() >= end) {
            return Failure{shell_line(tree_, step).substr(2), ETIMEDOUT};
        }
        kernel_.pause();
    }
    return std::nullopt;
}

bool Change::settled(const std::string& uuid, const Step& step) const {
    const auto empty = [&](const char* folder) {
        return tree_.list(of_device(uuid, folder)).empty();
    };
    const std::string driver = tree_.link(of_device(uuid, "driver"));
    switch (step.kind) {
        case Step::Kind::kWrite: break;
        case Step::Kind::kAwaitRelease:
            return driver.empty() && empty("net") && empty("uio") &&
                   (step.name.empty() || tree_.link(of_interface(step.name, "master")).empty());
        case Step::Kind::kAwaitUio: return driver == kUioDriver && !empty("uio");
        case Step::Kind::kAwaitKernelDriver:
            return !driver.empty() && (driver != kNetDriver || !empty("net"));
        case Step::Kind::kAwaitName: return tree_.exists(of_interface(step.name, "flags"));
    }
    return true;
}

}  // namespace vmbus::devbind
