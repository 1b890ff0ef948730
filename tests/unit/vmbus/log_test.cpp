#include "bus/vmbus/log.hpp"

#include <gtest/gtest.h>

#include <string>

namespace vmbus::bus {
namespace {

std::string logged(std::uint32_t level, const std::string& text) {
    ::testing::internal::CaptureStderr();
    log_line(level, "%s", text.c_str());
    return ::testing::internal::GetCapturedStderr();
}

TEST(Log, PrintsOneLineUnderTheNameOfTheBus) {
    EXPECT_EQ(logged(RTE_LOG_NOTICE, "hello"), "VMBUS: hello\n");
}

TEST(Log, IsSilentBelowNotice) {
    EXPECT_EQ(logged(RTE_LOG_INFO, "hello"), "");
}

TEST(Log, CutsALineThatIsTooLong) {
    EXPECT_LT(logged(RTE_LOG_NOTICE, std::string(5000, 'x')).size(), 600U);
}

}  // namespace
}  // namespace vmbus::bus
