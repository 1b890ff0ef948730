// The story of two Linux stacks that talk through `tap - NIC - forwarder - NIC - tap`, for any
// forwarder: ping, TCP both ways, and a download, each whole.
#pragma once

#include <gtest/gtest.h>

#include <iostream>

#include "support/tap_network.hpp"

namespace vmbus::test {

class TapStory : public ::testing::Test {
protected:
    void SetUp() override {
        if (const auto why = TapNetwork::missing(); !why.empty()) GTEST_SKIP() << why;
    }

    void expect_traffic_through(const std::vector<std::string>& guest) {
        TapNetwork network;
        const HostRun run{.nics = {network.port(0), network.port(1)},
                          .guest = guest,
                          .stats = folder_.path("stats.json")};
        Child host(run.command());
        ASSERT_EQ(network.configure(), "") << host.output();
        ASSERT_EQ(network.ping(), "") << host.output();
        for (const auto way : {TapNetwork::Way::kThere, TapNetwork::Way::kBack}) {
            std::string why;
            const auto megabits = network.tcp(way, why);
            ASSERT_TRUE(megabits && *megabits > 0) << why << host.output();
            std::cout << "tcp " << (way == TapNetwork::Way::kThere ? "there: " : "back: ")
                      << *megabits << " Mbit/s\n";
        }
        EXPECT_EQ(network.download(), "") << host.output();
        host.signal(SIGINT);
        EXPECT_TRUE(host.wait(std::chrono::seconds(20))) << "the host does not end";
        const auto stats = read_json(run.stats);
        ASSERT_FALSE(stats.empty()) << host.output();
        EXPECT_EQ(violations(stats), 0U) << host.output();
    }

private:
    TemporaryFolder folder_;
};

}  // namespace vmbus::test
