#include "host/capture_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "support/port_driver.hpp"

namespace vmbus::host {
namespace {

TEST(CaptureFile, OldContentGoesWithTheFirstFlush) {
    const test::ScratchFolder folder;
    const auto name = folder.file("x");
    std::filesystem::resize_file(
        (base::UniqueFd(::open(name.c_str(), O_CREAT | O_WRONLY, 0600)), name), 1000);
    CaptureFile file(name, base::UniqueFd(::open(name.c_str(), O_WRONLY)));
    EXPECT_TRUE(file.begin_record(8));
    file.append_zeros(8);
    file.end_record();
    EXPECT_EQ(std::filesystem::file_size(name), 1000U);
    file.flush();
    EXPECT_EQ(std::filesystem::file_size(name), 8U);
    EXPECT_EQ(file.written(), 1U);
}

TEST(CaptureFile, AFullDeviceLosesFramesAndSaysSoOnce) {
    CaptureFile file("full", base::UniqueFd(::open("/dev/full", O_WRONLY)));
    EXPECT_TRUE(file.begin_record(8));
    file.append_zeros(8);
    file.end_record();
    file.flush();
    EXPECT_FALSE(file.begin_record(8));
    EXPECT_EQ(file.lost(), 2U);
    EXPECT_NE(file.take_error().find("full"), std::string::npos);
    EXPECT_EQ(file.take_error(), "");
}

}  // namespace
}  // namespace vmbus::host
