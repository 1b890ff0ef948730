// A thousand random histories: commands, kills, refusals, delays and removals by the host, in any
// order. Whatever happens, no NIC is lost, and in the end all can be put back.
#include <gtest/gtest.h>

#include <random>

#include "persist.hpp"
#include "played_machine.hpp"

namespace vmbus::devbind {
namespace {

class History {
public:
    explicit History(unsigned seed) : random_(seed) {
        for (const char* uuid : {kFirst, kSecond}) {
            if (chance(50)) {
                machine_.sysfs.put("/sys/bus/vmbus/devices/" + std::string(uuid) + "/net/" +
                                       machine_.nic(uuid).ifname + "/flags",
                                   "0x1003");
            }
            was_up_[uuid] = machine_.sysfs.is_up(uuid);
        }
        if (chance(10)) machine_.sysfs.without_driver_override();
        machine_.options.deadline = std::chrono::seconds(5);
    }

    void play() {
        for (int i = 0; i < 12 && !testing::Test::HasFailure(); ++i) {
            disturb();
            act();
            expect_nobody_is_lost();
        }
        finish();
    }

private:
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
    bool chance(unsigned percent) { return below(100) < percent; }
    std::string any() { return chance(50) ? kFirst : kSecond; }

    void disturb() {
        auto& sysfs = machine_.sysfs;
        sysfs.delays = {.vf_release_ms = below(4) * below(2000),
                        .interface_ms = below(3) * below(1000),
                        .uio_ms = below(3) * below(1000)};
        if (chance(25)) {
            // Not `flags`: an interface that cannot be raised is reported, and left to the user.
            const char* attribute[] = {"bind", "unbind", "driver_override", "new_id"};
            const int error[] = {ENOMEM, EBUSY, EIO, ENODEV};
            sysfs.refuse(attribute[below(4)], error[below(4)], 1);
        }
        if (chance(30)) machine_.kernel.kill_at(static_cast<int>(1 + below(6)), chance(50));
    }

    void act() {
        machine_.options.force = chance(60);
        machine_.kernel.stop = false;
        machine_.kernel.stop_after_pauses = chance(10) ? 5 : 0;
        const std::vector<std::string> which = chance(30)
                                                   ? std::vector<std::string>{kSecond, kFirst}
                                                   : std::vector<std::string>{any()};
        try {
            switch (below(4)) {
                case 0:
                case 1: machine_.bind(which); break;
                case 2: machine_.restore(which); break;
                default: persist(which); break;
            }
        } catch (const Killed&) {
        }
        machine_.kernel.kill_at(0, false);
        if (chance(50)) machine_.kernel.settle();
    }

    void persist(const std::vector<std::string>& which) {
        const Persistence persistence(machine_.tree, machine_.options,
                                      {[](auto&) {}, [](auto&) {}});
        if (chance(50)) {
            persistence.persist(machine_.those(which), {});
        } else {
            persistence.unpersist(which);
        }
    }

    /// On a driver that is known, or written down as to be recovered.
    void expect_nobody_is_lost() {
        EXPECT_FALSE(machine_.sysfs.panicked());
        for (const char* uuid : {kFirst, kSecond}) {
            const std::string driver = machine_.sysfs.driver_of(uuid);
            EXPECT_TRUE(driver == "hv_netvsc" || driver == "uio_hv_generic" ||
                        (driver.empty() && machine_.nic(uuid).interrupted))
                << uuid << " is on " << driver << "\n"
                << machine_.said;
        }
    }

    void finish() {
        for (const char* attribute : {"bind", "unbind", "driver_override", "new_id"}) {
            machine_.sysfs.refuse(attribute, 0, 0);
        }
        machine_.kernel.stop = false;
        machine_.kernel.stop_after_pauses = 0;
        machine_.options.force = true;
        machine_.kernel.settle();
        EXPECT_EQ(machine_.restore({kFirst, kSecond}), Exit::kOk) << machine_.said;
        machine_.kernel.settle();
        for (const char* uuid : {kFirst, kSecond}) {
            EXPECT_EQ(machine_.sysfs.driver_of(uuid), "hv_netvsc") << machine_.said;
            EXPECT_EQ(machine_.sysfs.override_of(uuid), "");
            EXPECT_EQ(machine_.sysfs.is_up(uuid), was_up_[uuid]) << uuid << machine_.said;
        }
        EXPECT_TRUE(machine_.records.all().empty());
        EXPECT_TRUE(machine_.sysfs.dynamic_ids().empty());
        EXPECT_FALSE(machine_.sysfs.panicked());
    }

    std::mt19937 random_;
    PlayedMachine machine_;
    std::map<std::string, bool> was_up_;
};

TEST(RandomHistories, ThousandEndAsTheyBegan) {
    for (unsigned seed = 1; seed <= 1000 && !HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        History(seed).play();
    }
}

}  // namespace
}  // namespace vmbus::devbind
