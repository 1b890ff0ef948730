// A played machine for unit tests: two or three NICs, and a kernel whose time passes only while
// vmbus-devbind waits. It can be told to kill the program at a write.
#pragma once

#include <string>
#include <vector>

#include "change.hpp"
#include "kernel.hpp"
#include "nic.hpp"
#include "support/child.hpp"
#include "support/played_sysfs.hpp"

namespace vmbus::devbind {

/// Thrown out of the middle of a command, as SIGKILL ends a program.
struct Killed {};

class PlayedKernel final : public Kernel {
public:
    explicit PlayedKernel(test::PlayedSysfs& sysfs) : sysfs_(sysfs) {}

    int write(const std::string& name, std::string_view text) override {
        const bool last = kill_at_ > 0 && --kill_at_ == 0;
        if (last && !kill_after_) throw Killed();
        const int error = sysfs_.write(name, text);
        if (last) throw Killed();
        return error;
    }
    int load_module(const std::string& name) override {
        if (!has_module) return ENOENT;
        sysfs_.add_module(name);
        return 0;
    }
    std::chrono::milliseconds now() override { return std::chrono::milliseconds(now_ms_); }
    void pause() override {
        now_ms_ += 10;
        sysfs_.tick(now_ms_);
        if (stop_after_pauses > 0 && --stop_after_pauses == 0) stop = true;
    }
    bool stop_wanted() override { return stop; }

    /// At the `number`th write from now on, before or after it is done.
    void kill_at(int number, bool after) {
        kill_at_ = number;
        kill_after_ = after;
    }
    void settle() {
        for (int i = 0; i < 200; ++i) pause();
    }

    bool stop = false;
    int stop_after_pauses = 0;
    bool has_module = true;

private:
    test::PlayedSysfs& sysfs_;
    unsigned long now_ms_ = 0;
    int kill_at_ = 0;
    bool kill_after_ = false;
};

inline constexpr const char* kFirst = "aaaa0001-0000-4000-8000-000000000001";
inline constexpr const char* kSecond = "aaaa0002-0000-4000-8000-000000000002";

struct PlayedMachine {
    PlayedMachine() { sysfs.add_two_nics(kFirst, kSecond); }

    Nic nic(const std::string& uuid) const { return read_nic(tree, records, uuid).value_or(Nic{}); }
    /// As the program does it: a command of its own.
    Exit bind(const std::vector<std::string>& uuids) {
        Change change = command();
        return change.bind(those(uuids), read_surroundings(tree, ssh));
    }
    Exit restore(const std::vector<std::string>& uuids) {
        Change change = command();
        return change.restore(those(uuids));
    }
    Change command() {
        said.clear();
        printed.clear();
        Change change(tree, kernel, options,
                      {[this](const std::string& text) { printed += text + "\n"; },
                       [this](const std::string& text) { said += text + "\n"; }});
        change.begin();
        return change;
    }
    std::vector<Nic> those(const std::vector<std::string>& uuids) const {
        std::vector<Nic> nics;
        for (const auto& uuid : uuids) nics.push_back(nic(uuid));
        return nics;
    }

    test::TemporaryFolder folder;
    test::PlayedSysfs sysfs{folder.path("")};
    Tree tree{folder.path("")};
    Records records{tree};
    PlayedKernel kernel{sysfs};
    ChangeOptions options;
    const char* ssh = nullptr;
    std::string said;
    std::string printed;
};

}  // namespace vmbus::devbind
