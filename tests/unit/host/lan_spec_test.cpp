#include "host/lan_spec.hpp"

#include <gtest/gtest.h>

namespace vmbus::host {
namespace {

TEST(LanSpec, HasANameAndPorts) {
    std::string why;
    const auto lan =
        parse_lan_spec("name=blue,port=tap:t0:netns=red,port=pcap:out=x,port=gen", why);
    ASSERT_TRUE(lan) << why;
    EXPECT_EQ(lan->name, "blue");
    ASSERT_EQ(lan->ports.size(), 3U);
    EXPECT_EQ(std::get<TapPortSpec>(lan->ports[0]).network, "red");
    EXPECT_EQ(std::get<GenPortSpec>(lan->ports[2]).destination[0], 0xFF);
}

TEST(LanSpec, RefusesWhatCannotBeOnALan) {
    for (const auto* const text :
         {"", "blue", "name=blue", "port=gen", "name=blue,port=loop", "name=blue,port=lan:red",
          "name=blue,port=pcap:in=x", "name=a/b,port=gen", "name=a,name=b,port=gen",
          "name=a:b,port=gen", "name=a,port=nul"}) {
        std::string why;
        EXPECT_FALSE(parse_lan_spec(text, why)) << text;
        EXPECT_FALSE(why.empty()) << text;
    }
}

}  // namespace
}  // namespace vmbus::host
