// vmbus-devbind as built, on a machine that is played: two NICs, the second with a virtual
// function, and a kernel that answers its writes (support/played_sysfs.hpp).
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/played_kernel_server.hpp"
#include "support/played_sysfs.hpp"

namespace vmbus::test {

inline std::string devbind_program() {
    return std::string(BUILD_ROOT) + "/app/vmbus-devbind";
}

constexpr const char* kFirst = "aaaa0001-0000-4000-8000-000000000001";
constexpr const char* kSecond = "bbbb0002-0000-4000-8000-000000000002";

class DevbindStory : public testing::Test {
protected:
    struct Result {
        int status = -1;
        std::string out;
        std::string err;
        nlohmann::json json() const { return nlohmann::json::parse(out, nullptr, false); }
    };

    DevbindStory() { sysfs.add_two_nics(kFirst, kSecond); }

    std::string read(const std::string& file) const {
        std::ostringstream text;
        text << std::ifstream(file).rdbuf();
        return text.str();
    }
    /// The command line of the program, with its two streams in files.
    std::vector<std::string> command(const std::vector<std::string>& words,
                                     const std::vector<std::string>& variables = {}) const {
        std::vector<std::string> all = kernel.environment();
        all.insert(all.end(), variables.begin(), variables.end());
        all.insert(all.end(),
                   {"sh", "-c", "exec \"$@\" >" + out_ + " 2>" + err_, "sh", devbind_program()});
        all.insert(all.end(), words.begin(), words.end());
        all.insert(all.end(), {"--sysfs-root", sysfs.root().string()});
        return all;
    }
    Result result_of(Child& child) const {
        const int status = child.wait(std::chrono::seconds(60)).value_or(-1);
        return {status, read(out_), read(err_)};
    }
    Result run(const std::vector<std::string>& words,
               const std::vector<std::string>& variables = {}) const {
        Child child(command(words, variables));
        return result_of(child);
    }
    nlohmann::json device(const std::string& uuid) const {
        const auto result = run({"status", "--json", uuid});
        EXPECT_EQ(result.status, 0) << result.err;
        return result.json()["devices"][0];
    }
    void make_up(const std::string& uuid, const std::string& ifname) {
        kernel.with([&](PlayedSysfs& tree) {
            tree.put("/sys/bus/vmbus/devices/" + uuid + "/net/" + ifname + "/flags", "0x1003");
            return 0;
        });
    }
    void route(const std::string& ifname, const std::string& destination, const std::string& mask) {
        sysfs.put("/proc/net/route", "Iface Destination Gateway Flags RefCnt Use Metric Mask\n" +
                                         ifname + " " + destination + " 010200C0 0003 0 0 0 " +
                                         mask);
    }
    std::string driver_of(const std::string& uuid) {
        return kernel.with([&](PlayedSysfs& tree) { return tree.driver_of(uuid); });
    }
    void expect_as_at_first(const std::string& uuid) {
        kernel.with([&](PlayedSysfs& tree) {
            EXPECT_EQ(tree.driver_of(uuid), "hv_netvsc");
            EXPECT_EQ(tree.override_of(uuid), "");
            EXPECT_TRUE(tree.dynamic_ids().empty());
            EXPECT_FALSE(tree.panicked());
            return 0;
        });
    }

    TemporaryFolder folder;
    PlayedSysfs sysfs{folder.path("machine")};
    PlayedKernelServer kernel{sysfs};

private:
    std::string out_ = folder.path("out");
    std::string err_ = folder.path("err");
};

}  // namespace vmbus::test
