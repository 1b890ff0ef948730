#include "record.hpp"

#include <gtest/gtest.h>

#include "played_machine.hpp"

namespace vmbus::devbind {
namespace {

struct RecordTest : testing::Test, PlayedMachine {
    const Record record_{.uuid = kFirst,
                         .phase = Phase::kRestoring,
                         .origin = {.driver = "hv_netvsc",
                                    .override_ = "x",
                                    .ifname = "eth1",
                                    .mac = "00:15:5d:00:00:01",
                                    .flags = "0x1003",
                                    .vf_ifname = "enP2s2",
                                    .vf_flags = "0x1002"},
                         .dynamic_id = true};
    std::string file() const { return "/run/vmbus-devbind/" + std::string(kFirst) + ".json"; }
    void spoil(const std::string& from, const std::string& to) const {
        std::string text = *tree.text(file());
        text.replace(text.find(from), from.size(), to);
        sysfs.put(file(), text);
    }
};

TEST_F(RecordTest, ComesBackAsItWasSaved) {
    ASSERT_EQ(records.save(record_), 0);
    const auto again = records.load(kFirst);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->phase, Phase::kRestoring);
    EXPECT_EQ(again->origin.flags, "0x1003");
    EXPECT_EQ(again->origin.vf_ifname, "enP2s2");
    EXPECT_TRUE(again->dynamic_id);
    EXPECT_EQ(records.all().size(), 1U);
}

TEST_F(RecordTest, ErasedTwiceIsErased) {
    ASSERT_EQ(records.save(record_), 0);
    EXPECT_EQ(records.erase(kFirst), 0);
    EXPECT_EQ(records.erase(kFirst), 0);
    EXPECT_FALSE(records.load(kFirst));
}

TEST_F(RecordTest, NoNameOfItLeadsOutOfItsFolder) {
    ASSERT_EQ(records.save(record_), 0);
    spoil("\"hv_netvsc\"", "\"../../../etc\"");
    EXPECT_FALSE(records.load(kFirst));
}

TEST_F(RecordTest, WhatMakesNoSenseIsNoRecord) {
    ASSERT_EQ(records.save(record_), 0);
    spoil("\"restoring\"", "\"dancing\"");
    EXPECT_FALSE(records.load(kFirst));
    sysfs.put(file(), "{ not json");
    EXPECT_FALSE(records.load(kFirst));
    sysfs.put(file(), "{}");
    EXPECT_FALSE(records.load(kFirst));
    sysfs.put("/run/vmbus-devbind/notes.txt", "hello");
    EXPECT_TRUE(records.all().empty());
}

TEST_F(RecordTest, OneHoldsTheLockUntilItLetsGo) {
    base::UniqueFd first;
    base::UniqueFd second;
    ASSERT_EQ(records.lock(first), 0);
    EXPECT_EQ(records.lock(second), EWOULDBLOCK);
    first.reset();
    EXPECT_EQ(records.lock(second), 0);
}

}  // namespace
}  // namespace vmbus::devbind
