#include "host/control_socket.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace vmbus::host {
namespace {

namespace fs = std::filesystem;

class ControlSocket : public testing::Test {
protected:
    ControlSocket() {
        std::string name = (fs::temp_directory_path() / "control-test-XXXXXX").string();
        folder_ = mkdtemp(name.data());
    }
    ~ControlSocket() override { fs::remove_all(folder_); }
    std::string path() const { return folder_ / "private" / "control"; }

    fs::path folder_;
};

TEST_F(ControlSocket, ListensInAFolderOfItsOwnersAlone) {
    const auto listener = listen_for_control(path());
    ASSERT_TRUE(listener.ok());
    struct stat state {};
    ASSERT_EQ(stat((folder_ / "private").c_str(), &state), 0);
    EXPECT_EQ(state.st_mode & 0777U, 0700U);
    EXPECT_TRUE(connect_to_control(path()).ok());
}

TEST_F(ControlSocket, AFolderThatOthersMayEnterIsRefused) {
    fs::create_directory(folder_ / "private");
    fs::permissions(folder_ / "private", fs::perms::others_exec, fs::perm_options::add);
    EXPECT_EQ(listen_for_control(path()).error(), EPERM);
}

TEST_F(ControlSocket, ALinkInPlaceOfTheFolderIsRefused) {
    fs::create_directory(folder_ / "elsewhere");
    fs::permissions(folder_ / "elsewhere", fs::perms::owner_all);
    fs::create_symlink("elsewhere", folder_ / "private");
    EXPECT_EQ(listen_for_control(path()).error(), EPERM);
}

TEST_F(ControlSocket, TheSocketOfALivingHostIsNotTaken) {
    const auto first = listen_for_control(path());
    EXPECT_EQ(listen_for_control(path()).error(), EADDRINUSE);
}

TEST_F(ControlSocket, TheSocketOfADeadHostIsReplaced) {
    { const auto first = listen_for_control(path()); }
    EXPECT_TRUE(fs::exists(path()));
    EXPECT_TRUE(listen_for_control(path()).ok());
}

TEST_F(ControlSocket, AFileInItsPlaceIsLeftAlone) {
    fs::create_directory(folder_ / "private");
    fs::permissions(folder_ / "private", fs::perms::owner_all);
    std::ofstream(path()) << "text";
    EXPECT_EQ(listen_for_control(path()).error(), EADDRINUSE);
    EXPECT_TRUE(fs::is_regular_file(path()));
}

TEST_F(ControlSocket, APathThatIsTooLongIsRefused) {
    EXPECT_EQ(connect_to_control("/" + std::string(200, 'x')).error(), ENAMETOOLONG);
    EXPECT_EQ(listen_for_control("/" + std::string(200, 'x')).error(), ENAMETOOLONG);
}

TEST(ControlPath, LiesInTheUsersRuntimeFolderOrInOneOfHisOwn) {
    const char* const before = std::getenv("XDG_RUNTIME_DIR");
    const std::string kept = before != nullptr ? before : "";
    setenv("XDG_RUNTIME_DIR", "/run/user/1", 1);
    EXPECT_EQ(default_control_path(), "/run/user/1/vmbus-host/control");
    unsetenv("XDG_RUNTIME_DIR");
    EXPECT_EQ(default_control_path(), "/tmp/vmbus-host-" + std::to_string(geteuid()) + "/control");
    if (before != nullptr) setenv("XDG_RUNTIME_DIR", kept.c_str(), 1);
}

}  // namespace
}  // namespace vmbus::host
