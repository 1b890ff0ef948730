#include "netvsc-fwd/json_lines.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sample_snapshot.hpp"

namespace netvsc_fwd::test {
namespace {

using nlohmann::json;

json interval(const Snapshot& now) {
    return json::parse(json_interval(now, earlier_snapshot(), kCyclesPerSecond));
}

TEST(JsonLines, AnIntervalHasCountersRatesAndQueuesOfEachPort) {
    const json line = interval(later_snapshot());
    EXPECT_EQ(line["seconds"], 1.0);
    const json& port = line["ports"][0];
    EXPECT_EQ(port["port"], 3);
    EXPECT_EQ(port["rx_pps"], 1'234'567);
    EXPECT_EQ(port["rx_bps"], 1'000'000'000);
    EXPECT_EQ(port["path"], "synthetic");
    EXPECT_EQ(port["link_up"], true);
    EXPECT_EQ(port["causes"]["rx_q1_no_mbuf"], 4);
    EXPECT_EQ(port["queues"][1]["tx_dropped"], 5);
    EXPECT_EQ(port["queues"][1]["rx_ring_used"], 50);
    EXPECT_EQ(port["queues"][1]["signals"], 77);
}

TEST(JsonLines, WhatADriverDoesNotTellIsNotThere) {
    const json line = interval(later_snapshot());
    EXPECT_FALSE(line["ports"][0]["queues"][0].contains("rx_ring_used"));
    EXPECT_FALSE(line.contains("latency_ns"));
}

TEST(JsonLines, RoundTripsArePercentilesInNanoseconds) {
    Snapshot now = later_snapshot();
    measure::Histogram cycles;
    cycles.add(2);
    now.report.add_round_trips(cycles);
    const json latency = interval(now)["latency_ns"];
    EXPECT_EQ(latency["p50"], 2e6);
    EXPECT_EQ(latency["max"], 2e6);
    EXPECT_EQ(latency["frames"], 1);
    EXPECT_EQ(latency["missing"], 999);
}

TEST(JsonLines, TotalsAreOfPortsAndOfAll) {
    const json line = json::parse(json_totals(later_snapshot(), kCyclesPerSecond));
    EXPECT_EQ(line["total"]["rx_packets"], 1'234'567);
    EXPECT_EQ(line["ports"][0]["port"], 3);
    EXPECT_EQ(line["ports"][0]["tx_dropped"], 5);
    EXPECT_EQ(line["bad_ip_checksums"], 0);
}

}  // namespace
}  // namespace netvsc_fwd::test
