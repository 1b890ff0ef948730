#include "netvsc-fwd/icmp_echo.hpp"

#include <gtest/gtest.h>
#include <tins/tins.h>

#include "mbufs.hpp"

namespace netvsc_fwd::test {
namespace {

using Tins::ARP;
using Tins::EthernetII;
using Tins::ICMP;
using Tins::IP;

const char kAsker[] = "02:00:00:00:00:07";
const char kOwn[] = "02:00:00:00:00:01";
constexpr rte_ether_addr kOwnAddress = {{2, 0, 0, 0, 0, 1}};

ICMP echo(ICMP::Flags type) {
    ICMP icmp(type);
    icmp.id(77);
    icmp.sequence(3);
    return icmp;
}
Tins::RawPDU payload() {
    return Tins::RawPDU("twelve bytes and some");
}
ARP arp(const char* asks, const char* from) {
    ARP request(asks, from, "00:00:00:00:00:00", kAsker);
    request.opcode(ARP::REQUEST);
    return request;
}

bool answered(FrameBytes& frame) {
    return answer_in_place(std::as_writable_bytes(std::span(frame)), kOwnAddress);
}
void expect_answer(FrameBytes frame, const FrameBytes& answer) {
    ASSERT_TRUE(answered(frame));
    EXPECT_EQ(frame, answer);
}
void expect_none(FrameBytes frame) {
    const FrameBytes before = frame;
    EXPECT_FALSE(answered(frame));
    EXPECT_EQ(frame, before);
}

TEST(IcmpEcho, APingIsAnsweredWithRightChecksums) {
    for (const char* to : {"192.0.2.1", "10.255.255.254"}) {
        expect_answer(
            (EthernetII(kOwn, kAsker) / IP(to, "192.0.2.9") / echo(ICMP::ECHO_REQUEST) / payload())
                .serialize(),
            (EthernetII(kAsker, kOwn) / IP("192.0.2.9", to) / echo(ICMP::ECHO_REPLY) / payload())
                .serialize());
    }
}

TEST(IcmpEcho, APingOfNothingButZerosIsAnsweredWithARightChecksum) {
    expect_answer(
        (EthernetII(kOwn, kAsker) / IP("192.0.2.1", "192.0.2.9") / ICMP(ICMP::ECHO_REQUEST))
            .serialize(),
        (EthernetII(kAsker, kOwn) / IP("192.0.2.9", "192.0.2.1") / ICMP(ICMP::ECHO_REPLY))
            .serialize());
}

TEST(IcmpEcho, ATaggedPingIsAnsweredWithItsTag) {
    const Tins::Dot1Q tag(100);
    expect_answer((EthernetII(kOwn, kAsker) / tag / IP("192.0.2.1", "192.0.2.9") /
                   echo(ICMP::ECHO_REQUEST) / payload())
                      .serialize(),
                  (EthernetII(kAsker, kOwn) / tag / IP("192.0.2.9", "192.0.2.1") /
                   echo(ICMP::ECHO_REPLY) / payload())
                      .serialize());
}

TEST(IcmpEcho, WhoeverIsAskedForIsHere) {
    ARP reply("192.0.2.9", "192.0.2.1", kAsker, kOwn);
    reply.opcode(ARP::REPLY);
    expect_answer(
        (EthernetII("ff:ff:ff:ff:ff:ff", kAsker) / arp("192.0.2.1", "192.0.2.9")).serialize(),
        (EthernetII(kAsker, kOwn) / reply).serialize());
}

TEST(IcmpEcho, ProbesAndAnnouncementsAreNoQuestions) {
    const EthernetII all("ff:ff:ff:ff:ff:ff", kAsker);
    expect_none((all / arp("192.0.2.9", "0.0.0.0")).serialize());
    expect_none((all / arp("192.0.2.9", "192.0.2.9")).serialize());
}

TEST(IcmpEcho, WhatIsForNobodyInParticularGetsNoAnswer) {
    const EthernetII ethernet(kOwn, kAsker);
    expect_none((ethernet / IP("224.0.0.1", "192.0.2.9") / echo(ICMP::ECHO_REQUEST)).serialize());
    expect_none(
        (ethernet / IP("255.255.255.255", "192.0.2.9") / echo(ICMP::ECHO_REQUEST)).serialize());
    expect_none((ethernet / IP("192.0.2.1", "192.0.2.9") / echo(ICMP::ECHO_REPLY)).serialize());
    expect_none((ethernet / IP("192.0.2.1", "192.0.2.9") / Tins::UDP(7, 7)).serialize());
    IP fragment("192.0.2.1", "192.0.2.9");
    fragment.flags(IP::MORE_FRAGMENTS);
    expect_none((ethernet / fragment / echo(ICMP::ECHO_REQUEST)).serialize());
}

TEST(IcmpEcho, ARequestWithoutAllItsHeadersGetsNoAnswer) {
    constexpr std::size_t kHeaders = 42;
    const FrameBytes whole =
        (EthernetII(kOwn, kAsker) / IP("192.0.2.1", "192.0.2.9") / echo(ICMP::ECHO_REQUEST))
            .serialize();
    for (std::size_t length = 0; length < kHeaders; ++length) {
        expect_none({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)});
    }
}

TEST(IcmpEcho, AnswersComeFirstAndTheRestIsFreed) {
    const FrameBytes ping =
        (EthernetII(kOwn, kAsker) / IP("192.0.2.1", "192.0.2.9") / echo(ICMP::ECHO_REQUEST))
            .serialize();
    rte_mbuf* packets[] = {mbuf_of(FrameBytes(60, 0)), mbuf_of(ping), mbuf_of(FrameBytes(5, 0))};
    rte_mbuf* const answer = packets[1];
    IcmpEcho work(kOwnAddress);
    EXPECT_EQ(work.arrived(packets), 1);
    EXPECT_EQ(packets[0], answer);
    EXPECT_EQ(in_use(), 1U);
    rte_pktmbuf_free(answer);
}

}  // namespace
}  // namespace netvsc_fwd::test
