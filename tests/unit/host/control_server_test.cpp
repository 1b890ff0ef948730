#include "host/control_server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "host/control_socket.hpp"

namespace vmbus::host {
namespace {

/// Repeats what it is asked, with "big" as long as no socket holds.
class ControlServerTest : public testing::Test, public ControlHandler {
protected:
    ControlServerTest() {
        std::string name = (std::filesystem::temp_directory_path() / "control-XXXXXX").string();
        folder_ = mkdtemp(name.data());
        server_ = ControlServer::create(path(), *this).value();
    }
    ~ControlServerTest() override {
        server_.reset();
        std::filesystem::remove_all(folder_);
    }
    std::string path() const { return folder_ + "/control"; }

    ControlAnswer answer(const ControlPeer& peer, std::string_view request) override {
        if (request == "who am I") return {std::to_string(peer.pid)};
        if (request == "big") return {std::string(kBig, 'x')};
        return {"<" + std::string(request) + ">"};
    }
    void ended(std::uint64_t) noexcept override { ++ended_; }

    void serve(int turns = 5) {
        for (int i = 0; i < turns; ++i) server_->service();
    }
    base::UniqueFd connect() {
        auto fd = connect_to_control(path()).value();
        serve();
        return fd;
    }
    static void say(const base::UniqueFd& fd, std::string_view text) {
        send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    /// What is there, and "end" when the connection is.
    static std::string hear(const base::UniqueFd& fd) {
        std::string text(1 << 16, '\0');
        const ssize_t length = recv(fd.get(), text.data(), text.size(), MSG_DONTWAIT);
        return length == 0 ? "end"
                           : text.substr(0, length < 0 ? 0 : static_cast<std::size_t>(length));
    }

    static constexpr std::size_t kBig = 4 << 20;
    std::string folder_;
    std::unique_ptr<ControlServer> server_;
    int ended_ = 0;
};

TEST_F(ControlServerTest, KnowsWhoAsksWithoutHisWord) {
    const auto client = connect();
    say(client, "who am I\n");
    serve();
    EXPECT_EQ(hear(client), std::to_string(getpid()) + "\n");
}

TEST_F(ControlServerTest, AnswersEachLine) {
    const auto client = connect();
    say(client, "one\ntwo\nthr");
    serve();
    EXPECT_EQ(hear(client), "<one>\n<two>\n");
    say(client, "ee\n");
    serve();
    EXPECT_EQ(hear(client), "<three>\n");
}

TEST_F(ControlServerTest, AnAnswerLargerThanTheSocketComesInPieces) {
    const auto client = connect();
    say(client, "big\n");
    std::size_t got = 0;
    for (int i = 0; i < 1000 && got < kBig + 1; ++i) {
        serve(1);
        got += hear(client).size();
    }
    EXPECT_EQ(got, kBig + 1);
}

TEST_F(ControlServerTest, WhoTakesNoAnswersHoldsNobodyUp) {
    const auto sluggard = connect();
    say(sluggard, "big\nbig\n");
    serve();
    const auto other = connect();
    say(other, "hello\n");
    serve();
    EXPECT_EQ(hear(other), "<hello>\n");
}

TEST_F(ControlServerTest, AnEndlessRequestCostsItsConnection) {
    const auto client = connect();
    const std::string piece(64 * 1024, 'x');
    for (int i = 0; i < 40 && ended_ == 0; ++i) {
        say(client, piece);
        serve(20);
    }
    EXPECT_EQ(ended_, 1);
}

TEST_F(ControlServerTest, ItIsToldWhenAPeerGoes) {
    { const auto client = connect(); }
    serve();
    EXPECT_EQ(ended_, 1);
}

TEST_F(ControlServerTest, ThereIsALimitToConnections) {
    std::vector<base::UniqueFd> clients;
    for (std::size_t i = 0; i <= ControlServer::kMaxConnections; ++i) {
        clients.push_back(connect());
    }
    EXPECT_EQ(hear(clients.back()), "end");
    EXPECT_EQ(hear(clients.front()), "");
}

TEST_F(ControlServerTest, RemovesItsSocket) {
    server_.reset();
    EXPECT_FALSE(std::filesystem::exists(path()));
}

}  // namespace
}  // namespace vmbus::host
