#include "match.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vmbus::devbind {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Nic nic(const char* uuid, const char* ifname, const char* mac) {
    Nic nic;
    nic.uuid = uuid;
    nic.ifname = ifname;
    nic.mac = mac;
    return nic;
}

const std::vector<Nic> kNics = {
    nic("aaaa0001-0000-4000-8000-000000000001", "eth1", "00:15:5d:00:00:01"),
    nic("aaaa0002-0000-4000-8000-000000000002", "eth10", "00:15:5d:00:00:02"),
    nic("beef0003-0000-4000-8000-000000000003", "beef", "00:15:5d:00:00:03")};

TEST(Match, TakesAnInterfaceName) {
    EXPECT_THAT(matching(kNics, "eth1"), ElementsAre(0U));
    EXPECT_THAT(matching(kNics, "eth10"), ElementsAre(1U));
}

TEST(Match, TheBeginningOfAnInterfaceNameIsNoName) {
    EXPECT_THAT(matching(kNics, "eth"), IsEmpty());
}

TEST(Match, AnInterfaceNameThatLooksLikeAPrefixIsAName) {
    EXPECT_THAT(matching(kNics, "beef"), ElementsAre(2U));
}

TEST(Match, TakesAddressesInAnyWriting) {
    EXPECT_THAT(matching(kNics, "00:15:5D:00:00:02"), ElementsAre(1U));
    EXPECT_THAT(matching(kNics, "00-15-5d-00-00-02"), ElementsAre(1U));
}

TEST(Match, TakesUuidsInAnyWriting) {
    EXPECT_THAT(matching(kNics, "{AAAA0002-0000-4000-8000-000000000002}"), ElementsAre(1U));
    EXPECT_THAT(matching(kNics, "aaaa0001"), ElementsAre(0U));
}

TEST(Match, APrefixOfSeveralGivesThemAll) {
    EXPECT_THAT(matching(kNics, "aaaa"), ElementsAre(0U, 1U));
    EXPECT_THAT(matching(kNics, "00:15:5d"), ElementsAre(0U, 1U, 2U));
}

TEST(Match, RefusesPrefixesThatAreTooShortAndWordsThatAreNone) {
    EXPECT_THAT(matching(kNics, "aaa"), IsEmpty());
    EXPECT_THAT(matching(kNics, ""), IsEmpty());
    EXPECT_THAT(matching(kNics, "----"), IsEmpty());
    EXPECT_THAT(matching(kNics, "aaaa0001x"), IsEmpty());
}

TEST(Match, ABoundNicAnswersToTheNameItHadUnlessAnotherHasItNow) {
    auto nics = kNics;
    nics[0].ifname.clear();
    nics[0].earlier_ifname = "eth1";
    EXPECT_THAT(matching(nics, "eth1"), ElementsAre(0U));
    nics[1].ifname = "eth1";
    EXPECT_THAT(matching(nics, "eth1"), ElementsAre(1U));
}

}  // namespace
}  // namespace vmbus::devbind
