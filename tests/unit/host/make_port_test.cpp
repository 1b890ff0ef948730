#include "host/make_port.hpp"

#include <gtest/gtest.h>

#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace test;

class MakePortTest : public testing::Test {
protected:
    std::unique_ptr<Port> make(std::string_view text) {
        const auto spec = parse_port_spec(text, why_);
        return spec ? make_port(*spec, context_, why_) : nullptr;
    }

    PortContext context_{fake_clock};
    std::string why_;
};

TEST_F(MakePortTest, MakesEveryKind) {
    for (const auto* const kind : {"null", "loop", "gen", "pcap:out=/dev/null", "lan:a"}) {
        EXPECT_NE(make(kind), nullptr) << kind << ": " << why_;
    }
    EXPECT_FALSE(context_.refused);
}

TEST_F(MakePortTest, OneNameIsOneLan) {
    const auto first = make("lan:a");
    const auto second = make("lan:a");
    const auto elsewhere = make("lan:b");
    second->set_filter(1);
    elsewhere->set_filter(1);
    send(*first, {frame_between(1, 2)});
    EXPECT_EQ(take(*second, 8).size(), 1U);
    EXPECT_EQ(take(*elsewhere, 8).size(), 0U);
}

TEST_F(MakePortTest, ALanEndsWithItsLastPort) {
    make("lan:a").reset();
    EXPECT_TRUE(context_.lans["a"].expired());
    EXPECT_NE(make("lan:a"), nullptr);
}

TEST_F(MakePortTest, SaysWhyAFileCannotBeHad) {
    EXPECT_EQ(make("pcap:in=/nowhere/x.pcap"), nullptr);
    EXPECT_EQ(why_, "/nowhere/x.pcap: No such file or directory");
    EXPECT_TRUE(context_.refused);
}

TEST_F(MakePortTest, PutsABadCableInFrontOfAnyKind) {
    const auto port = make("loop:loss=1");
    send(*port, {frame_between(1, 2)});
    EXPECT_TRUE(take(*port, 8).empty());
    EXPECT_EQ(dropped(*port, "link_loss_tx"), 1U);
}

TEST_F(MakePortTest, SaysWhyATapCannotBeHad) {
    EXPECT_EQ(make("tap:t0:netns=/nowhere"), nullptr);
    EXPECT_EQ(why_, "network namespace /nowhere: No such file or directory");
}

}  // namespace
}  // namespace vmbus::host
