#include "bus/vmbus/sub_channels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "fake_sysfs.hpp"
#include "wire/signal_pages.hpp"

namespace vmbus::bus {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::uint32_t kPrimary = 14;
constexpr std::size_t kRings = 64 * 1024;

class SubChannelsOf : public ::testing::Test {
protected:
    SubChannelsOf() { add(kPrimary, 0); }

    /// A channel as the kernel shows it once it is open.
    void add(unsigned relid, unsigned index, std::size_t bytes = kRings) {
        tree.write(channel(relid) + "/subchannel_id", std::to_string(index));
        add_rings(relid, bytes);
    }
    void add_rings(unsigned relid, std::size_t bytes = kRings) {
        tree.write(channel(relid) + "/ring", "");
        std::filesystem::resize_file(tree.path(channel(relid) + "/ring"), bytes);
    }
    static std::string channel(unsigned relid) {
        return test::kNicA + "/channels/" + std::to_string(relid);
    }
    SubChannelScan scan(std::uint16_t wanted) const {
        return scan_sub_channels(tree.path(test::kNicA), kPrimary, wanted);
    }
    std::vector<unsigned> found(std::uint16_t wanted) const {
        std::vector<unsigned> relids;
        for (const SubChannel& sub : scan(wanted).found) relids.push_back(sub.relid);
        return relids;
    }
    std::uint16_t open(std::uint16_t count, std::chrono::milliseconds patience = 0ms) {
        return subs.open(tree.path(test::kNicA), kPrimary, count, kRings, patience);
    }

    test::FakeSysfs tree;
    SubChannels subs;
};

TEST_F(SubChannelsOf, ADeviceWithoutThatDirectoryHasNone) {
    tree.remove(test::kNicA + "/channels");
    EXPECT_THAT(found(3), IsEmpty());
    EXPECT_EQ(open(3), 0);
}

TEST_F(SubChannelsOf, TheyAreSortedByIndexWhateverTheirRelids) {
    add(30, 1);
    add(20, 2);
    EXPECT_THAT(found(3), ElementsAre(30, 20));
}

TEST_F(SubChannelsOf, OneWithoutRingsIsNotThereYet) {
    tree.write(channel(20) + "/subchannel_id", "1");
    EXPECT_THAT(found(3), IsEmpty());
    EXPECT_THAT(scan(3).refused, IsEmpty()) << "it may still come";
    add_rings(20);
    EXPECT_THAT(found(3), ElementsAre(20));
}

TEST_F(SubChannelsOf, MonitorBitIsReadWhereThereIsOne) {
    add(20, 1);
    add(21, 2);
    tree.write(channel(21) + "/monitor_id", "127");
    EXPECT_EQ(scan(2).found.at(0).monitor_id, wire::kNoMonitor);
    EXPECT_EQ(scan(2).found.at(1).monitor_id, 127);
    tree.write(channel(21) + "/monitor_id", "128");
    EXPECT_THAT(found(2), ElementsAre(20));
    EXPECT_EQ(scan(2).refused.size(), 1U);
}

// defect: 4.3-14 an index beyond what was asked for is refused
TEST_F(SubChannelsOf, IndexNobodyAskedForIsRefused) {
    add(20, 1);
    add(21, 4);
    add(22, 65535);
    EXPECT_THAT(found(3), ElementsAre(20));
    EXPECT_EQ(scan(3).refused.size(), 2U);
}

TEST_F(SubChannelsOf, SecondOneWithAnIndexIsRefused) {
    add(20, 1);
    add(21, 1);
    EXPECT_THAT(found(3), ElementsAre(20));
    EXPECT_THAT(scan(3).refused, ElementsAre("channel 21: its index 1 is that of channel 20"));
}

TEST_F(SubChannelsOf, NamesThatAreNoRelidAreIgnored) {
    tree.write(test::kNicA + "/channels/x20/subchannel_id", "1");
    tree.write(test::kNicA + "/channels/99999999/subchannel_id", "1");
    EXPECT_THAT(found(3), IsEmpty());
}

TEST_F(SubChannelsOf, OpenMapsTheirRings) {
    add(20, 1);
    add(21, 2, 2 * kRings);
    ASSERT_EQ(open(2), 2);
    EXPECT_EQ(subs.at(1).channel.relid, 20U);
    EXPECT_EQ(subs.at(2).rings.size(), 2 * kRings) << "the file knows best";
    EXPECT_THAT(subs.problems(), IsEmpty());
}

TEST_F(SubChannelsOf, FileThatDoesNotSayItsSizeHasThePrimarys) {
    add(20, 1, 0);
    EXPECT_EQ(open(1), 1);
    EXPECT_EQ(subs.at(1).rings.size(), kRings);
}

TEST_F(SubChannelsOf, FileThatSaysTooLittleHasThePrimarysSize) {
    add(20, 1, kRings / 2);
    EXPECT_EQ(open(1), 1);
    EXPECT_EQ(subs.at(1).rings.size(), kRings) << "half of both rings would be the first alone";
}

// Linux kernfs: what was mapped of an attribute goes with it.
TEST_F(SubChannelsOf, RingsThatTheKernelTookAwayReadAsZeroes) {
    add(20, 1);
    ASSERT_EQ(open(1), 1);
    const auto rings = subs.at(1).rings.bytes();
    rings[kRings - 1] = std::byte{7};
    std::filesystem::resize_file(tree.path(channel(20) + "/ring"), 0);
    EXPECT_FALSE(subs.replace_lost(&rings.back() + 1));
    EXPECT_TRUE(subs.replace_lost(&rings.back()));
    EXPECT_EQ(rings[kRings - 1], std::byte{0});
    rings[0] = std::byte{1};
}

// row: sub_channels
TEST_F(SubChannelsOf, OneThatNeverComesIsMissedInTheEnd) {
    add(20, 1);
    add(22, 3);
    EXPECT_EQ(open(3, 20ms), 1) << "the third is behind a gap";
    EXPECT_THAT(subs.problems(), ElementsAre("sub-channel 2 of 3 never came"));
}

TEST_F(SubChannelsOf, OneThatComesLateIsWaitedFor) {
    add(20, 1);
    std::jthread kernel([this] {
        std::this_thread::sleep_for(20ms);
        add(21, 2);
    });
    EXPECT_EQ(open(2, 30s), 2);
}

TEST_F(SubChannelsOf, AnotherProcessFindsThemWhereTheyLieOrNotAtAll) {
    add(21, 1);
    ASSERT_EQ(open(1), 1);
    const base::MutableBytes rings = subs.at(1).rings.bytes();
    const ChannelPlace place{
        .relid = 21, .rings = {reinterpret_cast<std::uintptr_t>(rings.data()), rings.size()}};
    SubChannels other;
    EXPECT_EQ(other.open_as(tree.path(test::kNicA), std::span(&place, 1)), -EEXIST)
        << "in the same process the address is taken";
    subs.close();
    EXPECT_EQ(other.open_as(tree.path(test::kNicA), std::span(&place, 1)), 0);
    EXPECT_EQ(other.at(1).rings.data(), rings.data());
    const ChannelPlace none{.relid = 99, .rings = place.rings};
    EXPECT_EQ(SubChannels().open_as(tree.path(test::kNicA), std::span(&none, 1)), -ENOENT);
}

}  // namespace
}  // namespace vmbus::bus
