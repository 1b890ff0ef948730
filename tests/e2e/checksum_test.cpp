// Checksums left to the host: testpmd's csum mode has each one computed and verified by the NIC.
// What came in with right checksums comes out byte for byte; what came in with wrong ones is
// counted and comes out right.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "support/child.hpp"
#include "support/host_run.hpp"
#include "support/pcap_maker.hpp"

namespace vmbus::test {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t kFrames = 1400;
constexpr auto kPatience = 60s;

/// Where things are in a frame of make_frame(); no options, no extension headers.
struct Layout {
    bool v4 = false;
    std::size_t ip = 0;
    std::size_t checksum = 0;  ///< of TCP or UDP; 0: neither

    explicit Layout(const FrameBytes& frame) {
        const bool tagged = frame[12] == 0x81;
        ip = tagged ? 18 : 14;
        v4 = frame[ip - 2] == 0x08 && frame[ip - 1] == 0x00;
        const bool v6 = frame[ip - 2] == 0x86 && frame[ip - 1] == 0xDD;
        if (v4 || v6) {
            const bool tcp = frame[ip + (v4 ? 9 : 6)] == 6;
            checksum = ip + (v4 ? 20 : 40) + (tcp ? 16 : 6);
        }
    }
};

class Checksums : public ::testing::Test {
protected:
    /// testpmd with every checksum in hardware, on both NICs.
    HostRun run(const std::string& devargs = "") const {
        std::ofstream commands(folder_.path("commands"));
        commands << "port stop all\n";
        for (const char* port : {"0", "1"}) {
            for (const char* what : {"ip", "tcp", "udp"}) {
                commands << "csum set " << what << " hw " << port << "\n";
            }
            commands << "csum mac-swap off " << port << "\n";
        }
        commands << "port start all\n";
        HostRun run{
            .nics = {"port=pcap:in=" + a() + ":out=" + b(), "port=pcap:in=" + c() + ":out=" + d()},
            .guest = testpmd({"--forward-mode=csum", "--enable-rx-cksum",
                              "--cmdline-file=" + folder_.path("commands")}),
            .stats = folder_.path("stats.json")};
        for (std::size_t nic = 0; !devargs.empty() && nic < 2; ++nic) {
            const auto id = "6a5e0001-0000-4000-8000-00000000000" + std::to_string(nic);
            run.nics[nic] += ",id=" + id;
            run.guest.insert(run.guest.begin() + 1, {"-a", "vmbus:" + id + "," + devargs});
        }
        return run;
    }
    void expect_right_ones_out(const HostRun& what) {
        Child host(what.command());
        ASSERT_EQ(host.wait(kPatience), 0) << host.output();
        output_ = host.output();
        EXPECT_EQ(compare_pcaps(right(), d()), "") << output_;
        EXPECT_EQ(compare_pcaps(c(), b()), "");
        EXPECT_EQ(violations(read_json(what.stats)), 0U);
        for (const char* what_is_on : {"IP checksum offload is hw", "TCP checksum offload is hw",
                                       "UDP checksum offload is hw"}) {
            EXPECT_NE(output_.find(what_is_on), std::string::npos) << output_;
        }
    }
    /// The number that testpmd reports of port 0.
    int reported(const std::string& name) const {
        std::smatch found;
        return std::regex_search(output_, found, std::regex(name + ": ([0-9]+)"))
                   ? std::stoi(found[1])
                   : -1;
    }

    std::string a() const { return folder_.path("a.pcap"); }
    std::string b() const { return folder_.path("b.pcap"); }
    std::string c() const { return folder_.path("c.pcap"); }
    std::string d() const { return folder_.path("d.pcap"); }
    std::string right() const { return folder_.path("right.pcap"); }

    TemporaryFolder folder_;
    std::string output_;
};

TEST_F(Checksums, FramesComeOutAsTheyWentIn) {
    make_pcap(a(), kFrames, 1);
    make_pcap(right(), kFrames, 1);
    make_pcap(c(), kFrames, 2);
    for (const char* devargs : {"", "tx_copybreak=0"}) {
        expect_right_ones_out(run(devargs));
        EXPECT_EQ(reported("Bad-ipcsum"), 0) << devargs << output_;
        EXPECT_EQ(reported("Bad-l4csum"), 0);
    }
}

TEST_F(Checksums, WrongOnesAreCountedAndComeOutRight) {
    Frames wrong;
    int bad_ip = 0;
    int bad_transport = 0;
    for (std::size_t i = 0; i < kFrames; ++i) {
        auto frame = make_frame(i, 1);
        const Layout layout(frame);
        if (layout.v4 && i % 3 == 0) {
            frame[layout.ip + 10] ^= 0x55;
            ++bad_ip;
        }
        if (layout.checksum != 0 && i % 2 == 0) {
            frame[layout.checksum] ^= 0x55;
            frame[layout.checksum + 1] ^= 0xAA;
            ++bad_transport;
        }
        wrong.push_back(frame);
    }
    write_pcap(a(), wrong);
    make_pcap(right(), kFrames, 1);
    make_pcap(c(), kFrames, 2);
    expect_right_ones_out(run());
    EXPECT_EQ(reported("Bad-ipcsum"), bad_ip) << output_;
    EXPECT_EQ(reported("Bad-l4csum"), bad_transport);
}

}  // namespace
}  // namespace vmbus::test
