#include "host/recorded_step.hpp"

#include <gtest/gtest.h>

#include "support/written_record.hpp"

namespace vmbus::host {
namespace {

using namespace support;

RecordedStep from_guest(Bytes packet, Bytes data = {}) {
    return {.kind = RecordKind::kFromGuest, .packet = std::move(packet), .data = std::move(data)};
}
RecordedStep filter(std::uint32_t value) {
    return from_guest(in_band(1, rndis_packet()), set_filter(1, value));
}
RecordedStep of_channel(RecordKind kind, std::uint16_t channel = 0) {
    return {.kind = kind, .channel = channel};
}

TEST(RecordedStep, IsAboutWhatItsPacketIsAbout) {
    EXPECT_TRUE(kind_of(from_guest(in_band(1, rndis_packet()), query(1))).is_query());
    EXPECT_EQ(kind_of(from_guest(Bytes(3))), MessageKind{}) << "no packet";
}

TEST(GoodbyeOf, BeginsWithTheFirstStepOfTheLastLeave) {
    const std::vector steps{of_channel(RecordKind::kOpened), filter(0), filter(13), filter(0),
                            of_channel(RecordKind::kClosed)};
    EXPECT_EQ(goodbye_of(steps), 3U);
}

TEST(GoodbyeOf, IsTheEndWhereSomethingIsBegunLast) {
    const std::vector steps{of_channel(RecordKind::kOpened), filter(0), filter(13)};
    EXPECT_EQ(goodbye_of(steps), steps.size());
}

TEST(GoodbyeOf, ASubChannelThatComesOrGoesIsNeither) {
    const std::vector steps{of_channel(RecordKind::kOpened), filter(0),
                            of_channel(RecordKind::kOpened, 1), of_channel(RecordKind::kClosed, 1)};
    EXPECT_EQ(goodbye_of(steps), 1U);
}

}  // namespace
}  // namespace vmbus::host
