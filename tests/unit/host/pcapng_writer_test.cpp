#include "host/pcapng_writer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pcap.h>

#include "host/port_captured.hpp"
#include "host/port_loop.hpp"
#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

using namespace test;

class Pcapng : public testing::Test {
protected:
    std::string file() const { return folder_.file("capture.pcapng"); }
    base::UniqueFd open() const {
        return base::UniqueFd(::open(file().c_str(), O_WRONLY | O_CREAT, 0600));
    }

    ScratchFolder folder_;
};

/// libpcap is the judge.
TEST_F(Pcapng, FramesOfAnyLengthAreReadBackWithNanoseconds) {
    {
        PcapngWriter writer("x", open(), {"nic0", "nic-11"});
        for (std::size_t length = 14; length < 22; ++length) {
            writer.write(length % 2, PcapngWriter::Way::kToGuest, std::vector<std::byte>(length),
                         1'700'000'000'123'456'789 + length);
        }
        writer.flush();
    }
    char error[PCAP_ERRBUF_SIZE];
    pcap_t* const pcap = ::pcap_open_offline_with_tstamp_precision(
        file().c_str(), PCAP_TSTAMP_PRECISION_NANO, error);
    ASSERT_NE(pcap, nullptr) << error;
    pcap_pkthdr* header = nullptr;
    const unsigned char* bytes = nullptr;
    for (std::size_t length = 14; length < 22; ++length) {
        ASSERT_EQ(::pcap_next_ex(pcap, &header, &bytes), 1) << ::pcap_geterr(pcap);
        EXPECT_EQ(header->caplen, length);
        EXPECT_EQ(header->ts.tv_sec, 1'700'000'000);
        EXPECT_EQ(header->ts.tv_usec, static_cast<long>(123'456'789 + length));
    }
    EXPECT_EQ(::pcap_next_ex(pcap, &header, &bytes), PCAP_ERROR_BREAK);
    ::pcap_close(pcap);
}

TEST_F(Pcapng, AFrameThatIsTooLongIsLostAndCounted) {
    PcapngWriter writer("x", open(), {"nic0"});
    writer.write(0, PcapngWriter::Way::kToGuest,
                 std::vector<std::byte>(CaptureFile::kSnapLength + 1), 0);
    EXPECT_EQ(writer.lost(), 1U);
}

}  // namespace
}  // namespace vmbus::host
