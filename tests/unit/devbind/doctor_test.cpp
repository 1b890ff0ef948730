// Each finding of the doctor: what brings it, and that a well machine has none.
#include "doctor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "played_machine.hpp"

namespace vmbus::devbind {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
namespace fs = std::filesystem;

const std::string kPages = "/sys/kernel/mm/hugepages/hugepages-2048kB/";

struct DoctorTest : testing::Test, PlayedMachine {
    DoctorTest() {
        sysfs.put(kPages + "nr_hugepages", "512");
        sysfs.put(kPages + "free_hugepages", "512");
        sysfs.put("/proc/mounts", "hugetlbfs /dev/hugepages hugetlbfs rw 0 0");
        sysfs.put("/proc/self/status", "Name:\tx\nCapEff:\t000001ffffffffff");
        sysfs.put("/proc/version", "Linux version 6.18.1 (x)");
        sysfs.put("/proc/sys/kernel/osrelease", "6.18.1");
        sysfs.put("/dev/infiniband/uverbs0", "");
        EXPECT_EQ(bind({kSecond}), Exit::kOk) << said;
    }
    std::vector<Examination> examinations() const {
        return examine({.tree = tree,
                        .nics = read_nics(tree, records),
                        .around = read_surroundings(tree, nullptr),
                        .plugin = plugin,
                        .page_size = page_size});
    }
    std::vector<std::string> words() const {
        std::vector<std::string> all;
        for (const auto& each : examinations()) {
            for (const auto& finding : each.findings) {
                all.push_back(finding.word);
                EXPECT_FALSE(finding.what.empty() || finding.remedy.empty()) << finding.word;
            }
        }
        return all;
    }
    std::string device(const std::string& uuid, const std::string& what) const {
        return "/sys/bus/vmbus/devices/" + uuid + "/" + what;
    }
    void remove(const std::string& name) const { fs::remove_all(sysfs.at(name)); }

    std::optional<Plugin> plugin = Plugin{.path = "/usr/lib/x.so"};
    long page_size = 4096;
};

TEST_F(DoctorTest, FindsNothingOnAWellMachine) {
    EXPECT_THAT(words(), IsEmpty());
    EXPECT_FALSE(has_errors(examinations()));
}

TEST_F(DoctorTest, MissesTheBus) {
    remove("/sys/bus/vmbus");
    EXPECT_THAT(words(), Contains("no-vmbus"));
}

TEST_F(DoctorTest, MissesNics) {
    remove("/sys/bus/vmbus/devices");
    EXPECT_THAT(words(), Contains("no-nic"));
}

TEST_F(DoctorTest, TellsAModuleThatIsNotLoadedFromOneThatIsNotInstalled) {
    remove("/sys/bus/vmbus/drivers/uio_hv_generic");
    EXPECT_THAT(words(), Contains("module-not-installed"));
    sysfs.put("/lib/modules/6.18.1/modules.dep", "kernel/drivers/uio/uio_hv_generic.ko.xz: x");
    EXPECT_THAT(words(), Contains("module-not-loaded"));
}

TEST_F(DoctorTest, NamesTheNicToBindWhenNoneIs) {
    ASSERT_EQ(restore({kSecond}), Exit::kOk) << said;
    EXPECT_THAT(words(), Contains("none-bound"));
    EXPECT_THAT(doctor_text(examinations()), HasSubstr("vmbus-devbind bind eth1"));
}

TEST_F(DoctorTest, SeesAnInterruptedChangeAndANicWithoutADriver) {
    kernel.kill_at(2, true);
    EXPECT_THROW(bind({kFirst}), Killed);
    EXPECT_THAT(words(), Contains("interrupted"));
    EXPECT_THAT(words(), Contains("no-driver"));
    EXPECT_TRUE(has_errors(examinations()));
}

TEST_F(DoctorTest, KnowsThatOldKernelsNeedAMonitorBit) {
    remove(device(kFirst, "monitor_id"));
    EXPECT_THAT(words(), Not(Contains("no-monitor-bit")));
    sysfs.put("/proc/version", "Linux version 6.9.0 (x)");
    EXPECT_THAT(words(), Contains("no-monitor-bit"));
}

TEST_F(DoctorTest, LooksAtDriverOverride) {
    sysfs.put(device(kFirst, "driver_override"), "uio_hv_generic");
    EXPECT_THAT(words(), Contains("override-pending"));
    sysfs.put(device(kFirst, "driver_override"), "other");
    EXPECT_THAT(words(), Contains("override-foreign"));
    remove(device(kFirst, "driver_override"));
    EXPECT_THAT(words(), Contains("no-driver-override"));
}

TEST_F(DoctorTest, LooksAtWhatIsPersisted) {
    sysfs.put("/etc/driverctl.d/vmbus-cccc0001-0000-4000-8000-000000000001", "uio_hv_generic");
    EXPECT_THAT(words(), Contains("persisted-but-absent"));
    EXPECT_THAT(words(), Contains("no-driverctl"));
}

TEST_F(DoctorTest, KnowsBadKernels) {
    sysfs.put("/proc/version", "Linux version 6.12.57 (x)");
    EXPECT_THAT(words(), Contains("kernel-subchannel-panic"));
    page_size = 65536;
    EXPECT_THAT(words(), Contains("kernel-large-pages"));
    sysfs.put("/dev/sev-guest", "");
    EXPECT_THAT(words(), Contains("confidential-vm"));
}

TEST_F(DoctorTest, LooksAtHugepages) {
    sysfs.put(kPages + "free_hugepages", "0");
    sysfs.put("/proc/mounts", "proc /proc proc rw 0 0");
    EXPECT_THAT(words(), Contains("hugepages-taken"));
    EXPECT_THAT(words(), Contains("hugetlbfs-not-mounted"));
    sysfs.put("/sys/devices/system/node/node0/cpulist", "0");
    sysfs.put("/sys/devices/system/node/node1/cpulist", "1");
    EXPECT_THAT(words(), Contains("no-hugepages-on-node"));
    sysfs.put(kPages + "nr_hugepages", "0");
    EXPECT_THAT(words(), Contains("no-hugepages"));
}

TEST_F(DoctorTest, LooksAtPhysicalAddresses) {
    sysfs.put("/proc/self/status", "CapEff:\t0000000000000000");
    EXPECT_THAT(words(), Contains("no-physical-addresses"));
}

TEST_F(DoctorTest, MissesTheRing) {
    remove(device(kSecond, "channels/11/ring"));
    EXPECT_THAT(words(), Contains("ring-missing"));
}

TEST_F(DoctorTest, LooksAtTheVf) {
    sysfs.put("/sys/class/net/enP2s2/flags", "0x1003");
    EXPECT_THAT(words(), Not(Contains("vf-up")));
    fs::remove(sysfs.at("/sys/devices/pci/0002:00:02.0/driver"));
    EXPECT_THAT(words(), Contains("vf-no-driver"));
    fs::create_symlink("/x/mana", sysfs.at("/sys/devices/pci/0002:00:02.0/driver"));
    EXPECT_THAT(words(), Contains("vf-up"));
    remove("/dev/infiniband");
    EXPECT_THAT(words(), Contains("vf-no-verbs"));
}

TEST_F(DoctorTest, MissesTheDeviceNode) {
    remove("/dev/uio0");
    sysfs.put("/sys/class/uio/uio0/dev", "243:0");
    EXPECT_THAT(words(), Contains("uio-node-missing"));
    EXPECT_THAT(doctor_text(examinations()), HasSubstr("mknod /dev/uio0 c 243 0"));
}

TEST_F(DoctorTest, LooksAtThePlugin) {
    plugin.reset();
    EXPECT_THAT(words(), Contains("plugin-not-found"));
    plugin = Plugin{.path = folder.path("x.so")};
    fs::permissions(folder.path(""), fs::perms::all);
    EXPECT_THAT(words(), Contains("plugin-folder-writable"));
}

TEST_F(DoctorTest, JsonHasAVerdictForEachCheck) {
    plugin.reset();
    const auto json = doctor_json(examinations());
    EXPECT_EQ(json["schema"], 1);
    EXPECT_EQ(json["checks"].size(), 12U);
    EXPECT_EQ(json["checks"][0]["verdict"], "ok");
    EXPECT_EQ(json["checks"][11]["findings"][0]["word"], "plugin-not-found");
}

}  // namespace
}  // namespace vmbus::devbind
