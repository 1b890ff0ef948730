// Carries plans out: bind and restore, with everything that is looked at before, waited for
// meanwhile and put back after a failure. One object for one command.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "exit_code.hpp"
#include "kernel.hpp"
#include "nic.hpp"
#include "plan.hpp"
#include "record.hpp"
#include "safety.hpp"

namespace vmbus::devbind {

struct ChangeOptions {
    bool force = false;
    bool dry_run = false;
    std::chrono::milliseconds deadline = std::chrono::seconds(30);
};

/// Where words go: data to standard output, messages to standard error.
struct Voice {
    std::function<void(const std::string&)> print;
    std::function<void(const std::string&)> say;
};

class Change {
public:
    Change(const Tree& tree, Kernel& kernel, ChangeOptions options, Voice voice);

    /// Takes the lock and puts back what a killed run left half done; before anything is matched,
    /// for that may bring interface names back.
    void begin();

    /// All of them or none.
    Exit bind(const std::vector<Nic>& nics, const Surroundings& around);
    Exit restore(const std::vector<Nic>& nics);

private:
    struct Failure {
        std::string what;
        int error = 0;
    };
    using Outcome = std::optional<Failure>;  // nothing: it went well
    struct Task {
        Nic nic;
        Record record;  // to be written before the first step
        Origin target;
        Origin before;      // what a failure goes back to
        bool keep = false;  // the record stays when all is done

        std::vector<Step> steps() const {
            return plan(nic, target, {.id = record.dynamic_id, .lowered = nic.interrupted});
        }
    };

    Exit carry_out(std::vector<Task>& tasks);
    Exit check_rights(const std::vector<Task>& tasks);
    Exit need_driver(std::string_view driver);
    Exit show(const std::vector<Task>& tasks);
    Outcome do_task(Task& task);
    void undo_task(const Task& task);
    void recover(const Record& record);
    Exit report(const Task& task, const Failure& failure);

    Outcome run(const std::vector<Step>& steps, Record& record);
    Outcome run_write(const Step& step, Record& record);
    void note_id(Record& record, bool there);
    Task binding_of(const Nic& nic) const;
    Outcome run_wait(const std::string& uuid, const Step& step);
    bool settled(const std::string& uuid, const Step& step) const;
    bool in_use(const std::vector<Task>& tasks);

    const Tree& tree_;
    Kernel& kernel_;
    Records records_;
    ChangeOptions options_;
    Voice voice_;
    base::UniqueFd lock_;
    int lock_error_ = 0;
    bool heeds_stop_ = true;
};

}  // namespace vmbus::devbind
