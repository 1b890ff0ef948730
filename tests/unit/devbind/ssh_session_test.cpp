#include "ssh_session.hpp"

#include <gtest/gtest.h>

#include "played_machine.hpp"

namespace vmbus::devbind {
namespace {

constexpr const char* kText = "192.0.2.9 51000 192.0.2.1 22";

struct SshSessionTest : testing::Test, PlayedMachine {
    void process(pid_t pid, pid_t parent, const std::string& variables) {
        const std::string process_folder = "/proc/" + std::to_string(pid);
        sysfs.put(process_folder + "/stat",
                  std::to_string(pid) + " (a (tricky) name) S " + std::to_string(parent) + " 1 1");
        sysfs.put(process_folder + "/environ", variables);
    }
};

TEST_F(SshSessionTest, IsReadFromTheEnvironment) {
    const auto session = find_ssh_session(tree, kText, 1);
    ASSERT_TRUE(session);
    EXPECT_EQ(session->client, *parse_address("192.0.2.9"));
    EXPECT_EQ(session->server, *parse_address("192.0.2.1"));
}

TEST_F(SshSessionTest, IsFoundThroughSudoWhichDropsTheVariable) {
    process(30, 20, std::string("SUDO_USER=me\0X=1", 14));
    process(20, 10, std::string("A=1\0SSH_CONNECTION=192.0.2.9 51000 192.0.2.1 22", 48));
    EXPECT_TRUE(find_ssh_session(tree, nullptr, 30));
}

TEST_F(SshSessionTest, IsNothingOnAConsole) {
    process(30, 1, "A=1");
    process(1, 0, "");
    EXPECT_FALSE(find_ssh_session(tree, nullptr, 30));
    EXPECT_FALSE(find_ssh_session(tree, "nonsense", 30));
}

TEST_F(SshSessionTest, EndsWhereParentsGoInCircles) {
    process(30, 31, "");
    process(31, 30, "");
    EXPECT_FALSE(find_ssh_session(tree, nullptr, 30));
}

}  // namespace
}  // namespace vmbus::devbind
