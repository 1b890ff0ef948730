#include "plugin.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/child.hpp"

namespace vmbus::devbind {
namespace {

namespace fs = std::filesystem;

TEST(Plugin, IsTakenWhereTheUserSays) {
    const test::TemporaryFolder folder;
    const std::string file = folder.path("librte_net_netvsc_uio.so");
    std::ofstream(file) << "x";
    ASSERT_TRUE(find_plugin(file));
    EXPECT_EQ(find_plugin(folder.path(""))->path, fs::canonical(file));
    EXPECT_FALSE(find_plugin(file)->loaded_by_itself);
    EXPECT_FALSE(find_plugin(folder.path("nothing.so")));
}

TEST(Plugin, AFolderThatEverybodyMayWriteToIsFoundHoweverHigh) {
    const test::TemporaryFolder folder;  // below a folder such as /tmp
    const fs::path open = fs::path(folder.path("a")) / "open";
    fs::create_directories(open / "deep");
    fs::permissions(open, fs::perms::all);
    EXPECT_EQ(writable_folder_above(open / "deep" / "x.so"), open.string());
    EXPECT_EQ(writable_folder_above("/usr/lib/x.so"), "");
}

}  // namespace
}  // namespace vmbus::devbind
