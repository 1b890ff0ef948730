#include "host/port_context.hpp"

#include <gtest/gtest.h>

namespace vmbus::host {
namespace {

TEST(PortContext, AFileHasOneWriterOrManyReaders) {
    PortContext context;
    struct stat file {};
    file.st_mode = S_IFREG;
    file.st_ino = 5;
    EXPECT_TRUE(context.claim(file, false));
    EXPECT_TRUE(context.claim(file, false));
    EXPECT_FALSE(context.claim(file, true));
    file.st_ino = 6;
    EXPECT_TRUE(context.claim(file, true));
    EXPECT_FALSE(context.claim(file, false));
    file.st_mode = S_IFCHR;
    EXPECT_TRUE(context.claim(file, true));
}

}  // namespace
}  // namespace vmbus::host
