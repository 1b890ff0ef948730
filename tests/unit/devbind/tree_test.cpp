#include "tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/child.hpp"

namespace vmbus::devbind {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

struct TreeTest : testing::Test {
    void put(const std::string& name, const std::string& text) const {
        fs::create_directories(fs::path(folder.path(name)).parent_path());
        std::ofstream(folder.path(name)) << text;
    }
    test::TemporaryFolder folder;
};

TEST_F(TreeTest, AFolderWithSysStandsForTheRoot) {
    put("sys/bus/x", "1\n2\n");
    const Tree tree(folder.path(""));
    EXPECT_EQ(tree.line("/sys/bus/x"), "1");
    EXPECT_EQ(tree.text("/sys/bus/x"), "1\n2\n");
    EXPECT_FALSE(tree.is_this_machine());
}

TEST_F(TreeTest, AFolderWithoutSysIsItselfWhatSysIs) {
    put("bus/x", "1");
    put("proc/y", "2");
    const Tree tree(folder.path(""));
    EXPECT_EQ(tree.line("/sys/bus/x"), "1");
    EXPECT_EQ(tree.line("/proc/y"), "2");
}

TEST_F(TreeTest, NoRootIsThisMachine) {
    EXPECT_TRUE(Tree().is_this_machine());
    EXPECT_TRUE(Tree("/").is_this_machine());
    EXPECT_EQ(Tree("/").path("/proc/self"), "/proc/self");
}

TEST_F(TreeTest, WhatIsNotThereIsEmpty) {
    const Tree tree(folder.path(""));
    EXPECT_EQ(tree.text("/sys/nothing"), std::nullopt);
    EXPECT_EQ(tree.line("/sys/nothing"), "");
    EXPECT_THAT(tree.list("/sys/nothing"), IsEmpty());
    EXPECT_EQ(tree.link("/sys/nothing"), "");
    EXPECT_EQ(tree.write_obstacle("/sys/nothing"), ENOENT);
}

TEST_F(TreeTest, ListsSortedAndReadsTheLastPartOfLinks) {
    put("sys/b", "");
    put("sys/a", "");
    fs::create_symlink("../../nowhere/driver", folder.path("sys/c"));
    const Tree tree(folder.path(""));
    EXPECT_THAT(tree.list("/sys"), ElementsAre("a", "b", "c"));
    EXPECT_EQ(tree.link("/sys/c"), "driver");
    EXPECT_FALSE(tree.exists("/sys/c"));
}

}  // namespace
}  // namespace vmbus::devbind
