#include "watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "played_machine.hpp"

namespace vmbus::devbind {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;

struct WatchTest : testing::Test, PlayedMachine {
    std::vector<std::string> what_changed() {
        const auto now = read_nics(tree, records);
        std::vector<std::string> words;
        for (const Event& event : events_between(before, now)) {
            words.push_back(event.word + ": " + event.what);
        }
        before = now;
        return words;
    }
    std::vector<Nic> before = read_nics(tree, records);
};

TEST_F(WatchTest, NothingIsNews) {
    EXPECT_THAT(what_changed(), IsEmpty());
}

TEST_F(WatchTest, BindingIsNews) {
    ASSERT_EQ(bind({kFirst}), Exit::kOk);
    EXPECT_THAT(what_changed(), ElementsAre("driver: hv_netvsc as eth1 -> uio_hv_generic as uio0"));
}

TEST_F(WatchTest, LinkAndVfAreNews) {
    sysfs.put("/sys/bus/vmbus/devices/" + std::string(kFirst) + "/net/eth1/flags", "0x1003");
    EXPECT_THAT(what_changed(), ElementsAre("link: down -> up"));
    sysfs.put("/sys/class/net/enP2s2/flags", "0x1003");
    EXPECT_THAT(what_changed(), ElementsAre("vf: 0002:00:02.0 (enP2s2, mlx5_core, down) -> "
                                            "0002:00:02.0 (enP2s2, mlx5_core, up)"));
}

TEST_F(WatchTest, RemovalAndReturnAreNews) {
    sysfs.remove_nic(kFirst);
    EXPECT_THAT(what_changed(), ElementsAre("removed: was on hv_netvsc as eth1"));
    sysfs.add_nic({.uuid = kFirst, .ifname = "eth1", .mac = "00:15:5d:00:00:01"});
    EXPECT_THAT(what_changed(), ElementsAre("added: on hv_netvsc as eth1"));
}

TEST_F(WatchTest, AnEventIsALineOfTextOrOfJson) {
    const auto event = events_at_start(before).front();
    EXPECT_EQ(event_text(event, "T"),
              "T " + std::string(kFirst) + " present: on hv_netvsc as eth1");
    const auto json = event_json(event, "T", {});
    EXPECT_EQ(json["event"], "present");
    EXPECT_EQ(json["device"]["ifname"], "eth1");
    EXPECT_THAT(time_now(), MatchesRegex("[0-9]{4}-.*T.*\\.[0-9]{3}Z"));
}

}  // namespace
}  // namespace vmbus::devbind
