#include "host/port_spec.hpp"

#include <gtest/gtest.h>

namespace vmbus::host {
namespace {

template <class Spec>
Spec parsed(std::string_view text) {
    std::string why;
    const auto spec = parse_port_spec(text, why);
    EXPECT_TRUE(spec && std::holds_alternative<Spec>(*spec)) << text << ": " << why;
    return spec ? std::get<Spec>(*spec) : Spec{};
}

TEST(PortSpec, BareKinds) {
    parsed<NullPortSpec>("null");
    parsed<LoopPortSpec>("loop");
}

TEST(PortSpec, GenHasDefaults) {
    const auto gen = parsed<GenPortSpec>("gen");
    EXPECT_EQ(gen.lengths, std::vector<std::uint16_t>{64});
    EXPECT_EQ(gen.flows, 16U);
    EXPECT_FALSE(gen.count || gen.rate);
}

TEST(PortSpec, GenTakesItsPartsInAnyOrder) {
    const auto gen = parsed<GenPortSpec>("gen:rate=1M:count=5:flows=3:len=1514");
    EXPECT_EQ(gen.lengths, std::vector<std::uint16_t>{1514});
    EXPECT_EQ(gen.flows, 3U);
    EXPECT_EQ(gen.count, 5U);
    EXPECT_EQ(gen.rate, 1'000'000U);
}

TEST(PortSpec, PcapTakesOneFileOrTwo) {
    EXPECT_EQ(parsed<PcapPortSpec>("pcap:in=a.pcap").in, "a.pcap");
    const auto both = parsed<PcapPortSpec>("pcap:out=x=y:in=/a b/c");
    EXPECT_EQ(both.in, "/a b/c");
    EXPECT_EQ(both.out, "x=y");
}

TEST(PortSpec, LanHasAName) {
    EXPECT_EQ(parsed<LanPortSpec>("lan:blue-1.x_").name, "blue-1.x_");
}

TEST(PortSpec, TapHasADeviceAndPerhapsANetwork) {
    EXPECT_EQ(parsed<TapPortSpec>("tap:tap0").network, "");
    const auto tap = parsed<TapPortSpec>("tap:tap0:netns=blue");
    EXPECT_EQ(tap.name, "tap0");
    EXPECT_EQ(tap.network, "blue");
    EXPECT_EQ(parsed<TapPortSpec>("tap:t:netns=/proc/1/ns/net").network, "/proc/1/ns/net");
}

TEST(PortSpec, AnyKindHasACable) {
    std::string why;
    const auto spec = parse_port_spec("lan:a:delay=5ms:loss=1%:bps=10M:rate=7:seed=3", why);
    ASSERT_TRUE(spec) << why;
    EXPECT_EQ(spec->link.delay_ns, 5'000'000U);
    EXPECT_EQ(spec->link.rate, 7U);
    EXPECT_FALSE(parse_port_spec("lan:a", why)->link.any());
}

TEST(PortSpec, TheRateOfAGeneratorIsItsOwn) {
    std::string why;
    const auto spec = parse_port_spec("gen:rate=5:dup=0.5", why);
    ASSERT_TRUE(spec) << why;
    EXPECT_EQ(std::get<GenPortSpec>(*spec).rate, 5U);
    EXPECT_EQ(spec->link.rate, 0U);
    EXPECT_EQ(spec->link.dup, LinkSpec::kAlways / 2);
}

struct Refusal {
    const char* text;
    const char* why;
};

class PortSpecRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(PortSpecRefuses, WithALineThatSaysWhat) {
    std::string why;
    EXPECT_FALSE(parse_port_spec(GetParam().text, why)) << GetParam().text;
    EXPECT_NE(why.find(GetParam().why), std::string::npos) << GetParam().text << ": " << why;
    EXPECT_EQ(why.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PortSpecRefuses,
    testing::Values(
        Refusal{"", "kind of port is missing"}, Refusal{":", "kind of port is missing"},
        Refusal{"nul", "unknown port 'nul'"}, Refusal{"Null", "unknown port"},
        Refusal{"null:loss=2", "loss=2: must be a share"},
        Refusal{"loop:seed=1:seed=1", "seed is given twice"}, Refusal{"null:x", "no parts"},
        Refusal{"loop:a=b", "no parts"}, Refusal{"null:", "empty part"},
        Refusal{"gen::len=64", "empty part"}, Refusal{"gen:len", "not key=value"},
        Refusal{"gen:len=", "len has no value"},
        Refusal{"gen:len=59", "len=59: must be 60 to 9216"},
        Refusal{"gen:len=9217", "must be 60 to 9216"}, Refusal{"gen:len=64K", "not a number"},
        Refusal{"gen:flows=0", "must be 1 to"}, Refusal{"gen:flows=4097", "must be 1 to 4096"},
        Refusal{"gen:count=0", "must be 1"}, Refusal{"gen:rate=0", "must be 1"},
        Refusal{"gen:rate=2G", "must be 1"}, Refusal{"gen:size=64", "unknown part"},
        Refusal{"gen:=64", "unknown part"}, Refusal{"gen:len=64:len=64", "len is given twice"},
        Refusal{"pcap", "needs in=FILE"}, Refusal{"pcap:a.pcap", "not key=value"},
        Refusal{"pcap:in=", "in has no value"}, Refusal{"pcap:file=a", "unknown part"},
        Refusal{"pcap:in=a:in=b", "in is given twice"}, Refusal{"lan", "lan needs one name"},
        Refusal{"lan:a:b", "lan needs one name"}, Refusal{"lan:a/b", "lan needs one name"},
        Refusal{"tap", "tap needs the name"}, Refusal{"tap:a/b", "tap needs the name"},
        Refusal{"tap:sixteen-letters-", "tap needs the name"},
        Refusal{"tap:t0:mtu=9000", "mtu: unknown part; tap has netns"},
        Refusal{"tap:t0:netns=a/b", "neither the name of a namespace nor a path"}));

}  // namespace
}  // namespace vmbus::host
