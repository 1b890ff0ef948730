#include "host/nic_spec.hpp"

#include <gtest/gtest.h>

namespace vmbus::host {
namespace {

NicSpec parsed(std::string_view text, unsigned number = 0) {
    std::string why;
    const auto spec = parse_nic_spec(text, number, why);
    EXPECT_TRUE(spec) << text << ": " << why;
    return spec.value_or(NicSpec{});
}

TEST(NicSpec, DefaultsAreThoseOfTheContract) {
    const auto spec = parsed("port=null");
    EXPECT_EQ(spec.queues, 8U);
    EXPECT_EQ(spec.nvsp, wire::NvspVersion::kV61);
    EXPECT_EQ(spec.mtu, 1500U);
    EXPECT_EQ(spec.ring, 2U << 20);
    EXPECT_EQ(spec.recv, 31U << 20);
    EXPECT_EQ(spec.send, 15U << 20);
    EXPECT_EQ(spec.pieces, host::PieceLength::kTight);
    EXPECT_TRUE(spec.monitor);
    EXPECT_EQ(spec.speed, 10'000'000'000);
}

TEST(NicSpec, AddressAndIdFollowFromTheNumber) {
    EXPECT_EQ(parsed("queues=1", 7).mac, (MacAddress{0, 0x15, 0x5d, 0, 0, 7}));
    EXPECT_EQ(wire::to_string(parsed("queues=1", 0x12).id), "7a080d6e-65c1-4b5f-9b1e-5d0000000012");
    EXPECT_NE(parsed("queues=1", 1).mac, parsed("queues=1", 257).mac);
}

TEST(NicSpec, TakesEveryKey) {
    const auto spec = parsed(
        "port=lan:a,mac=02:00:00:00:00:09,id=6a5e0001-0000-4000-8000-000000000001,queues=64,nvsp=6,"
        "mtu=9000,ring=1M,recv=16M,send=4096K,pieces=lines,monitor=off,numa=1,speed=40G");
    EXPECT_EQ(std::get<LanPortSpec>(spec.port).name, "a");
    EXPECT_EQ(spec.mac[5], 9);
    EXPECT_EQ(wire::to_string(spec.id), "6a5e0001-0000-4000-8000-000000000001");
    EXPECT_EQ(spec.queues, 64U);
    EXPECT_EQ(spec.nvsp, wire::NvspVersion::kV6);
    EXPECT_EQ(spec.mtu, 9000U);
    EXPECT_EQ(spec.ring, 1U << 20);
    EXPECT_EQ(spec.recv, 16U << 20);
    EXPECT_EQ(spec.send, 4U << 20);
    EXPECT_EQ(spec.pieces, host::PieceLength::kLines);
    EXPECT_FALSE(spec.monitor);
    EXPECT_EQ(spec.numa, 1);
    EXPECT_EQ(spec.speed, 40'000'000'000);
}

TEST(NicSpec, KnowsEveryVersion) {
    EXPECT_EQ(parsed("nvsp=1").nvsp, wire::NvspVersion::kV1);
    EXPECT_EQ(parsed("nvsp=2").nvsp, wire::NvspVersion::kV2);
    EXPECT_EQ(parsed("nvsp=4").nvsp, wire::NvspVersion::kV4);
    EXPECT_EQ(parsed("nvsp=5").nvsp, wire::NvspVersion::kV5);
    EXPECT_EQ(parsed("nvsp=6.1").nvsp, wire::NvspVersion::kV61);
}

TEST(NicSpec, AGeneratorSendsToTheNicWhereverTheMacStands) {
    const auto spec = parsed("port=gen,mac=02:00:00:00:00:09");
    EXPECT_EQ(std::get<GenPortSpec>(spec.port).destination, spec.mac);
}

struct Refusal {
    std::string_view text;
    const char* why;
};

class NicSpecRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(NicSpecRefuses, WithOneLineThatSaysWhatAndWhere) {
    std::string why;
    EXPECT_FALSE(parse_nic_spec(GetParam().text, 3, why)) << GetParam().text;
    EXPECT_EQ(why.rfind("nic 3: ", 0), 0U) << why;
    EXPECT_NE(why.find(GetParam().why), std::string::npos) << GetParam().text << " -> " << why;
    EXPECT_EQ(why.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Table, NicSpecRefuses,
    testing::Values(
        Refusal{"", "empty part"}, Refusal{",", "empty part"}, Refusal{"port=null,", "empty part"},
        Refusal{",port=null", "empty part"}, Refusal{"port=null,,mtu=1500", "empty part"},
        Refusal{"null", "'null' is not key=value"}, Refusal{"=null", "unknown key ''"},
        Refusal{"prot=null", "unknown key 'prot'"}, Refusal{"Port=null", "unknown key"},
        Refusal{"a\nb=1", "unknown key 'a?b'"}, Refusal{"port=", "port=: the kind of port"},
        Refusal{"port=nul", "port=nul: unknown port"},
        Refusal{"port=gen:len=5", "port=gen:len=5: len=5: must be 60 to 9216"},
        Refusal{"port=null,port=null", "port is given twice"},
        Refusal{"mtu=1500,mtu=1500", "mtu is given twice"}, Refusal{"mac=zz", "not a MAC"},
        Refusal{"mac=01:00:00:00:00:00", "not the address of one station"},
        Refusal{"id=123", "not a GUID"}, Refusal{"queues=0", "must be 1 to 64"},
        Refusal{"queues=65", "must be 1 to 64"}, Refusal{"queues=1K", "not a number"},
        Refusal{"nvsp=3", "must be 1, 2, 4, 5, 6 or 6.1"}, Refusal{"nvsp=6.10", "must be 1,"},
        Refusal{"mtu=67", "must be 68 to 9202"}, Refusal{"mtu=9203", "must be 68 to 9202"},
        Refusal{"ring=4097", "must be 16384"}, Refusal{"ring=16385", "multiple of 4096"},
        Refusal{"ring=16M", "must be"}, Refusal{"recv=32M", "must be"},
        Refusal{"send=1", "must be"}, Refusal{"send=100000", "multiple of 4096"},
        Refusal{"recv=31X", "not a number"}, Refusal{"monitor=yes", "must be on or off"},
        Refusal{"pieces=64", "must be tight or lines"}, Refusal{"numa=-1", "not a number"},
        Refusal{"speed=0", "must be"}, Refusal{"speed=fast", "not a number"},
        Refusal{"port=gen:len=1515", "len=1515 does not fit mtu=1500"}));

}  // namespace
}  // namespace vmbus::host
