#include "host/violation.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace vmbus {
namespace {

using host::Violation;
using host::ViolationLog;

TEST(ViolationLog, CountsEachRuleByItself) {
    ViolationLog log;
    log.record(Violation::kBadGpaList);
    log.record(Violation::kBadGpaList);
    log.record(Violation::kRndisShort);
    EXPECT_EQ(log.count(Violation::kBadGpaList), 2U);
    EXPECT_EQ(log.count(Violation::kOidBadValue), 0U);
    EXPECT_EQ(log.total(), 3U);
}

TEST(ViolationLog, KeepsBytesOfFirstOnly) {
    ViolationLog log;
    const std::vector<std::byte> first(70, std::byte{1});
    const std::vector<std::byte> second(70, std::byte{2});
    log.record(Violation::kRndisShort, first);
    log.record(Violation::kRndisShort, second);
    const auto kept = log.first_bytes(Violation::kRndisShort);
    ASSERT_EQ(kept.size(), ViolationLog::kBytesKept);
    EXPECT_EQ(kept[63], std::byte{1});
    EXPECT_TRUE(log.first_bytes(Violation::kRndisBadPpi).empty());
}

TEST(Violation, NamesAreDistinctSnakeCase) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < host::kViolations; ++i) {
        const std::string name = to_string(static_cast<Violation>(i));
        EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << name;
        EXPECT_TRUE(names.insert(name).second) << name;
    }
    EXPECT_FALSE(names.contains("unknown"));
}

TEST(Violation, EachErrorOfTheLayersBelowHasItsOwn) {
    std::set<Violation> ring;
    for (std::size_t i = 1; i < ring::kPacketErrors; ++i) {
        ring.insert(host::violation_of(static_cast<ring::PacketError>(i)));
    }
    EXPECT_EQ(ring.size(), ring::kPacketErrors - 1);
    std::set<Violation> rndis;
    for (std::size_t i = 1; i < codec::kRndisPacketErrors; ++i) {
        rndis.insert(host::violation_of(static_cast<codec::RndisPacketError>(i)));
    }
    EXPECT_EQ(rndis.size(), codec::kRndisPacketErrors - 1);
}

}  // namespace
}  // namespace vmbus
