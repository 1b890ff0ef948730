#include "host/control_client.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "host/control_server.hpp"

namespace vmbus::host {
namespace {

/// A host on a thread, which gives the read end of a pipe along with each answer.
class ControlClientTest : public testing::Test, public ControlHandler {
protected:
    ControlClientTest() {
        std::string name = (std::filesystem::temp_directory_path() / "control-XXXXXX").string();
        folder_ = mkdtemp(name.data());
        EXPECT_EQ(pipe(ends_), 0);
        server_ = ControlServer::create(path(), *this).value();
        thread_ = std::thread([this] {
            while (!stop_) {
                server_->service();
                std::this_thread::yield();
            }
            server_.reset();
        });
    }
    ~ControlClientTest() override {
        stop();
        close(ends_[0]);
        close(ends_[1]);
        std::filesystem::remove_all(folder_);
    }
    void stop() {
        stop_ = true;
        if (thread_.joinable()) thread_.join();
    }
    std::string path() const { return folder_ + "/control"; }
    ControlAnswer answer(const ControlPeer&, std::string_view request) override {
        return {std::string(request) + "!", ends_[0]};
    }
    void ended(std::uint64_t) noexcept override {}

    std::string folder_;
    int ends_[2] = {-1, -1};
    std::unique_ptr<ControlServer> server_;
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

TEST_F(ControlClientTest, GetsTheAnswerAndWhatCameWithIt) {
    auto client = ControlClient::connect(path()).value();
    const auto answer = client.ask("hello").value();
    EXPECT_EQ(answer.text, "hello!");
    ASSERT_TRUE(answer.fd);
    EXPECT_EQ(write(ends_[1], "x", 1), 1);
    char byte = 0;
    EXPECT_EQ(read(answer.fd.get(), &byte, 1), 1);
}

TEST_F(ControlClientTest, AsksAgainAndAgain) {
    auto client = ControlClient::connect(path()).value();
    for (const std::size_t length : {1U, 4096U, 100'000U}) {
        EXPECT_EQ(client.ask(std::string(length, 'a')).value().text.size(), length + 1);
    }
}

TEST_F(ControlClientTest, AHostThatEndsIsAnError) {
    auto client = ControlClient::connect(path()).value();
    stop();
    EXPECT_FALSE(client.ask("hello").ok());
}

TEST_F(ControlClientTest, NoHostIsAnError) {
    EXPECT_EQ(ControlClient::connect(folder_ + "/nothing").error(), ENOENT);
}

}  // namespace
}  // namespace vmbus::host
