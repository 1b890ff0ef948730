#include "host/segmentation.hpp"

#include <gtest/gtest.h>

#include "support/tcp_frame.hpp"
#include "wire/rndis_ppi.hpp"

namespace vmbus {
namespace {

using host::LargeSend;
using support::be_at;
using support::tcp_frame;
using support::TcpFrame;

using Bytes = std::vector<std::byte>;

std::uint32_t request(const TcpFrame& frame, std::uint32_t mss) {
    return mss | static_cast<std::uint32_t>(frame.tcp_offset()) << wire::kLsoOffsetShift |
           wire::kLsoV2 | (frame.v6 ? wire::kLsoIpv6 : 0);
}

class Segmentation : public testing::Test {
protected:
    bool plan(const Bytes& frame, std::uint32_t request) {
        return host::plan_large_send(frame, request, room, large);
    }
    /// All segments of a frame that a guest left as guests do: no lengths, no checksums.
    std::vector<Bytes> cut(const TcpFrame& fields, std::uint32_t mss) {
        left = tcp_frame(fields);
        support::put_be(left, fields.v6 ? 18 : 16, 2, 0);
        if (!fields.v6) support::put_be(left, 24, 2, 0);
        support::put_be(left, fields.tcp_offset() + 16, 2, 0x1234);
        EXPECT_TRUE(plan(left, request(fields, mss)));
        std::vector<Bytes> all(large.segments());
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i].resize(large.longest_frame());
            all[i].resize(write_segment(large, i, all[i]));
        }
        return all;
    }
    Bytes left;
    Bytes room = Bytes(LargeSend::kMaxHeaderBytes);
    LargeSend large;
};

void expect_whole(const std::vector<Bytes>& segments, const TcpFrame& fields, std::size_t mss) {
    const Bytes whole = tcp_frame(fields);
    Bytes payload;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const Bytes& one = segments[i];
        EXPECT_TRUE(support::tcp_sums_right(one)) << i;
        EXPECT_EQ(be_at(one, fields.tcp_offset() + 4, 4), fields.sequence + i * mss);
        EXPECT_EQ(be_at(one, fields.v6 ? 18 : 16, 2), one.size() - (fields.v6 ? 54 : 14));
        payload.insert(payload.end(), one.begin() + static_cast<std::ptrdiff_t>(fields.header()),
                       one.end());
    }
    EXPECT_TRUE(std::equal(payload.begin(), payload.end(),
                           whole.begin() + static_cast<std::ptrdiff_t>(fields.header()),
                           whole.end()));
}

TEST_F(Segmentation, CutsIpv4) {
    const TcpFrame fields{.tcp_options = 12, .payload = 4000, .sequence = 0xFFFFFF00};
    const auto segments = cut(fields, 1448);
    ASSERT_EQ(segments.size(), 3U);
    EXPECT_EQ(segments[0].size(), fields.header() + 1448);
    EXPECT_EQ(segments[2].size(), fields.header() + 4000 - 2 * 1448);
    for (const auto& one : segments) EXPECT_TRUE(support::tcp_sums_right(one));
    EXPECT_EQ(be_at(segments[1], fields.tcp_offset() + 4, 4), 0xFFFFFF00U + 1448U);
}

TEST_F(Segmentation, CutsIpv6AndIpv4WithOptions) {
    const TcpFrame v6{.v6 = true, .tcp_options = 12, .payload = 5001};
    expect_whole(cut(v6, 1000), v6, 1000);
    const TcpFrame options{.ip_options = 8, .payload = 3001};
    expect_whole(cut(options, 999), options, 999);
}

TEST_F(Segmentation, CountsIdentificationUpAndWraps) {
    const auto segments = cut({.payload = 300, .id = 0xFFFF}, 100);
    EXPECT_EQ(be_at(segments[0], 18, 2), 0xFFFFU);
    EXPECT_EQ(be_at(segments[1], 18, 2), 0U);
    EXPECT_EQ(be_at(segments[2], 18, 2), 1U);
}

TEST_F(Segmentation, EndsStreamOnceAndReducesWindowOnce) {
    const TcpFrame fields{.payload = 300, .flags = 0x80 | 0x10 | 0x08 | 0x01};
    const auto segments = cut(fields, 100);
    EXPECT_EQ(segments[0][47], std::byte{0x90});
    EXPECT_EQ(segments[1][47], std::byte{0x10});
    EXPECT_EQ(segments[2][47], std::byte{0x19});
}

TEST_F(Segmentation, LeavesWhatFitsAsOneSegment) {
    const TcpFrame fields{.payload = 100, .flags = 0x99};
    const auto segments = cut(fields, 1460);
    ASSERT_EQ(segments.size(), 1U);
    EXPECT_EQ(segments[0], tcp_frame(fields));
    EXPECT_EQ(cut({.payload = 0}, 1460).size(), 1U);
}

TEST_F(Segmentation, OffsetZeroMeansShortestHeader) {
    const TcpFrame fields{.v6 = true, .payload = 2000};
    EXPECT_TRUE(plan(tcp_frame(fields), 1000 | wire::kLsoV2 | wire::kLsoIpv6));
    EXPECT_EQ(large.tcp_offset, 54U);
    EXPECT_EQ(large.header.size(), 74U);
}

TEST_F(Segmentation, TakesBothVersionsOfRequests) {
    const TcpFrame fields{.payload = 2000};
    EXPECT_TRUE(plan(tcp_frame(fields), request(fields, 1000) & ~wire::kLsoV2));
}

TEST_F(Segmentation, RefusesRequestsThatContradictTheFrame) {
    const TcpFrame fields{.payload = 2000};
    const auto frame = tcp_frame(fields);
    const auto at = [](std::uint32_t offset) { return 1000 | offset << wire::kLsoOffsetShift; };
    EXPECT_FALSE(plan(frame, request(fields, 0)));
    EXPECT_FALSE(plan(frame, at(33)));
    EXPECT_FALSE(plan(frame, request(fields, 1000) | wire::kLsoIpv6));
    EXPECT_FALSE(plan(Bytes(frame.begin(), frame.begin() + 53), at(34)));
    EXPECT_FALSE(plan(Bytes(frame.begin(), frame.begin() + 14), at(0)));
    auto short_header = frame;
    short_header[46] = std::byte{0x40};
    EXPECT_FALSE(plan(short_header, at(34)));
    auto beyond_frame = Bytes(frame.begin(), frame.begin() + 60);
    beyond_frame[46] = std::byte{0xF0};
    EXPECT_FALSE(plan(beyond_frame, at(34)));
}

TEST_F(Segmentation, RefusesEndlessSegments) {
    const TcpFrame fields{.payload = LargeSend::kMaxSegments + 1};
    EXPECT_FALSE(plan(tcp_frame(fields), request(fields, 1)));
    EXPECT_TRUE(plan(tcp_frame(fields), request(fields, 2)));
}

TEST_F(Segmentation, LaterChangesOfTheHeadersDoNotMatter) {
    const TcpFrame fields{.payload = 2000};
    auto frame = tcp_frame(fields);
    ASSERT_TRUE(plan(frame, request(fields, 1000)));
    frame[46] = std::byte{0xF0};
    frame[14] = std::byte{0x4F};
    Bytes out(large.longest_frame());
    EXPECT_EQ(write_segment(large, 0, out), fields.header() + 1000);
    EXPECT_TRUE(support::tcp_sums_right(out));
}

}  // namespace
}  // namespace vmbus
