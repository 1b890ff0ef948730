// A wrong command line gets one line that says what and how, and exit status 2.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/child.hpp"
#include "support/host_run.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;

struct Refused {
    std::vector<std::string> arguments;
    const char* says;
};

class CommandLine : public ::testing::TestWithParam<Refused> {};

TEST_P(CommandLine, IsRefusedInOneLine) {
    std::vector<std::string> command = {host_program()};
    command.insert(command.end(), GetParam().arguments.begin(), GetParam().arguments.end());
    Child host(command);
    EXPECT_EQ(host.wait(10s), 2) << host.output();
    const auto text = host.output();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    EXPECT_NE(text.find(GetParam().says), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(
    EachMistake, CommandLine,
    ::testing::Values(
        Refused{{}, "run"}, Refused{{"jump"}, "jump"}, Refused{{"run"}, "--nic"},
        Refused{{"run", "--nic", "port=null"}, "command"},
        Refused{{"run", "--nic", "port=nul", "--", "true"}, "nul"},
        Refused{{"run", "--nic", "prt=null", "--", "true"}, "prt"},
        Refused{{"run", "--nic", "queues=0", "--", "true"}, "queues"},
        Refused{{"run", "--nic", "mtu=20", "--", "true"}, "mtu"},
        Refused{{"run", "--nic", "nvsp=3", "--", "true"}, "nvsp"},
        Refused{{"run", "--nic", "port=pcap:in=/nowhere/x.pcap", "--", "true"}, "/nowhere/x.pcap"},
        Refused{{"run", "--nic", "port=pcap:out=/nowhere/x.pcap", "--", "true"}, "/nowhere/x.pcap"},
        Refused{{"run", "--nic", "port=null", "--stats-json", "/nowhere/s.json", "--", "true"},
                "/nowhere/s.json"},
        Refused{{"run", "--nic", "port=null", "--fault", "/nowhere/f.json", "--", "true"},
                "/nowhere/f.json"},
        Refused{{"run", "--replay", "/nowhere/s.record", "--", "true"}, "/nowhere/s.record"},
        Refused{{"run", "--replay", "s.record", "--fault", "f.json", "--", "true"}, "excludes"},
        Refused{{"run", "--nic", "port=null", "--temper", "mild", "--", "true"}, "mild"},
        Refused{{"run", "--nic", "port=null", "--pin", "4096", "--", "true"}, "4096"},
        Refused{{"run", "--nic", "port=null", "--kernel", "2.4", "--", "true"}, "6.1"},
        Refused{{"run", "--nic", "port=null", "--frobnicate", "--", "true"}, "--frobnicate"}));

TEST(CommandLine, ExplainsARuleAFaultAndRefusesWhatIsNeither) {
    Child rule({host_program(), "explain", "section_reused"});
    EXPECT_EQ(rule.wait(10s), 0);
    EXPECT_NE(rule.output().find("  openvmm   "), std::string::npos) << rule.output();
    Child fault({host_program(), "explain", "bad_index"});
    EXPECT_EQ(fault.wait(10s), 0);
    EXPECT_NE(fault.output().find("backwards"), std::string::npos) << fault.output();
    Child neither({host_program(), "explain", "nonsense"});
    EXPECT_EQ(neither.wait(10s), 2);
    Child all({host_program(), "explain"});
    EXPECT_EQ(all.wait(10s), 0);
    EXPECT_NE(all.output().find("oid_bad_value"), std::string::npos);
}

TEST(CommandLine, ConformanceNamesTheTestsOfEachRule) {
    Child host({host_program(), "conformance"});
    EXPECT_EQ(host.wait(10s), 0);
    const auto text = host.output();
    EXPECT_NE(text.find("(tests/unit/ring/ring_conformance_test.cpp)"), std::string::npos) << text;
    EXPECT_NE(text.find("not tested: "), std::string::npos) << text;
}

TEST(CommandLine, ExitsWithTheStatusOfTheGuest) {
    Child host(HostRun{.nics = {"port=null"}, .guest = {"sh", "-c", "exit 7"}}.command());
    EXPECT_EQ(host.wait(10s), 7) << host.output();
}

TEST(CommandLine, AGuestThatCannotBeRunIs127) {
    Child host(HostRun{.nics = {"port=null"}, .guest = {"/nowhere/guest"}}.command());
    EXPECT_EQ(host.wait(10s), 127) << host.output();
}

TEST(CommandLine, ForwarderRefusesAnUnknownMode) {
    auto command = forwarder(Driver::kOurs, {"--forward-mode=sideways"});
    Child forwarder(command);
    EXPECT_EQ(forwarder.wait(20s), 2) << forwarder.output();
}

}  // namespace
}  // namespace vmbus::test
