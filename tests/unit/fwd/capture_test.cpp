#include "netvsc-fwd/capture.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <stdexcept>

#include "mbufs.hpp"

namespace netvsc_fwd::test {
namespace {

struct CaptureFile : testing::Test {
    ~CaptureFile() override { std::filesystem::remove(file); }

    std::vector<FrameBytes> read() const {
        std::array<char, PCAP_ERRBUF_SIZE> error{};
        pcap_t* const pcap = pcap_open_offline(file.c_str(), error.data());
        std::vector<FrameBytes> frames;
        pcap_pkthdr* header = nullptr;
        const u_char* data = nullptr;
        while (pcap != nullptr && pcap_next_ex(pcap, &header, &data) == 1) {
            frames.emplace_back(data, data + header->caplen);
            EXPECT_EQ(header->len, header->caplen);
        }
        if (pcap != nullptr) pcap_close(pcap);
        return frames;
    }
    const std::string file = (std::filesystem::temp_directory_path() /
                              ("capture-" + std::to_string(::getpid()) + ".pcap"))
                                 .string();
};

TEST_F(CaptureFile, HoldsThePacketsWholeHoweverManySegmentsTheyHave) {
    const FrameBytes one(60, 1);
    const FrameBytes other(3000, 2);
    rte_mbuf* packets[] = {mbuf_of(one), mbuf_of(other, 500)};
    Capture capture(file);
    capture.write(packets);
    capture.close();
    rte_pktmbuf_free_bulk(packets, 2);
    EXPECT_EQ(read(), (std::vector{one, other}));
}

TEST_F(CaptureFile, ThatCannotBeMadeIsSaidSo) {
    EXPECT_THROW(Capture("/nowhere/x.pcap"), std::runtime_error);
}

TEST_F(CaptureFile, ThatDoesNotTakeItAllIsSaidSo) {
    rte_mbuf* packet = mbuf_of(FrameBytes(1000, 1));
    Capture capture("/dev/full");
    for (int i = 0; i < 100; ++i) capture.write({&packet, 1});
    EXPECT_THROW(capture.close(), std::runtime_error);
    rte_pktmbuf_free(packet);
}

}  // namespace
}  // namespace netvsc_fwd::test
