#include "netvsc-fwd/table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sample_snapshot.hpp"

namespace netvsc_fwd::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> table(const Snapshot& now) {
    return table_lines({.mode = "io", .started_cycles = 0, .cycles_per_second = kCyclesPerSecond},
                       now, earlier_snapshot());
}

TEST(Table, ShowsEachPortItsQueuesAndCauses) {
    EXPECT_THAT(
        table(later_snapshot()),
        ElementsAre(
            "netvsc-fwd io, 6 s, 1,000 packets sent, 5 dropped", "",
            "port 3  net_netvsc  link: 40 Gbit/s  path: synthetic",
            "        rx pkt/s    tx pkt/s  rx Mb/s  tx Mb/s rx ring tx ring signals/s   drops",
            " all   1,234,567       1,000   1000.0      0.0                        77       9",
            "  q0           0           0                         -       -         -       0",
            "  q1   1,234,567       1,000                      25 %     1 %        77       5",
            "     rx_q1_no_mbuf: 4 (+4/s)"));
}

TEST(Table, IsNotWiderThanATerminal) {
    Snapshot now = later_snapshot();
    now.ports[0].counters.ipackets = 123'456'789;
    now.ports[0].counters.ibytes = 50'000'000'000;
    for (const std::string& line : table(now)) {
        EXPECT_LE(line.size(), 80U) << line;
    }
}

TEST(Table, HasRoundTripsWhereTheyAreMeasured) {
    Snapshot now = later_snapshot();
    measure::Histogram cycles;
    cycles.add(2);
    now.report.add_round_trips(cycles);
    EXPECT_THAT(table(now), Contains(HasSubstr("round trip (us): p50 2000.0")));
}

TEST(Table, NumbersAreGroupedByThousands) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
}

}  // namespace
}  // namespace netvsc_fwd::test
