#include "host/uio_device.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <cstring>

#include "base/mapping.hpp"
#include "face_script.hpp"
#include "host/device_tree.hpp"
#include "host/guest_memory.hpp"
#include "host/process.hpp"

namespace {

using namespace vmbus;
using namespace vmbus::host;

NicNode small_nic() {
    NicNode nic;
    nic.instance = "a2000000-0000-4000-8000-000000000001";
    nic.primary.relid = 5;
    nic.primary.monitor_id = 7;
    const char* const names[] = {"txrx_rings", "int_page", "monitor_page", "recv:925201",
                                 "send:925202"};
    for (std::size_t i = 0; i < nic.maps.size(); ++i) {
        nic.maps[i] = {names[i], script::size_of(i)};
    }
    return nic;
}

/// A host of one NIC, which does what the script says.
class UioDeviceTest : public testing::Test, public UioHandler {
protected:
    void SetUp() override {
        for (std::size_t i = 0; i < files_.size(); ++i) {
            make_map(i);
        }
        ASSERT_EQ(tree_.add_nic(nic_), 0);
        ASSERT_EQ(tree_.expose_ring(nic_, 5, "nic0.map0"), 0);
        auto created = UioDevice::create(tree_.socket_path(0), maps_, *this);
        ASSERT_TRUE(created.ok());
        device_ = std::move(created).value();
    }

    void make_map(std::size_t i) {
        const std::uint64_t size = nic_.maps[i].size;
        auto file = tree_.create_memory("nic0.map" + std::to_string(i), size);
        ASSERT_TRUE(file.ok());
        files_[i] = std::move(file).value();
        maps_[i] = {files_[i].get(), size};
        auto memory = base::Mapping::map_shared(files_[i].get(), size);
        ASSERT_TRUE(memory.ok());
        memory_[i] = std::move(memory).value();
        base::store_at(memory_[i].bytes(), 0, script::mark_of(i));
    }

    std::uint64_t word(std::size_t index) const {
        return base::load_at<std::uint64_t>(memory_[0].bytes(), index * 8);
    }

    int opened(pid_t guest) noexcept override {
        ++opens_;
        guest_ = guest;
        tree_.set_state(nic_, 3);
        return refusal_;
    }
    void held_by(std::span<const pid_t> openers) noexcept override { holders_ = openers.size(); }
    void closed() noexcept override {
        if (closes_++ == 0) {
            phase_at_first_close_ = word(script::kPhaseWord);
        }
    }
    void control(std::int32_t value) noexcept override {
        controls_.push_back(value);
        switch (value) {
            case script::kRaiseThree:
                device_->raise();
                device_->raise();
                return device_->raise();
            case script::kRaiseLater: raise_later_ = true; return;
            case script::kReadMemory: return read_memory();
            case script::kRescind: return device_->rescind();
            case script::kCutOff: return device_->cut_off();
            default: return;
        }
    }

    void read_memory() {
        const auto out = memory_[0].bytes().subspan(script::kAnswerWord * 8, 24);
        EXPECT_TRUE(ProcessMemory(guest_).read(word(script::kAddressWord), out));
    }

    void step(int timeout_ms = 10) {
        pollfd state{.fd = device_->poll_fd(), .events = POLLIN, .revents = 0};
        poll(&state, 1, timeout_ms);
        device_->service();
        if (std::exchange(raise_later_, false)) {
            device_->raise();
        }
    }

    DeviceTree tree_ = DeviceTree::create().value();
    Guardian guardian_ = Guardian::start(tree_.root()).value();
    NicNode nic_ = small_nic();
    std::array<base::UniqueFd, face::kMapCount> files_;
    std::array<base::Mapping, face::kMapCount> memory_;
    UioDevice::Maps maps_{};
    std::unique_ptr<UioDevice> device_;

    int refusal_ = 0;
    std::size_t holders_ = 0;
    int opens_ = 0;
    int closes_ = 0;
    bool raise_later_ = false;
    pid_t guest_ = 0;
    std::uint64_t phase_at_first_close_ = 0;
    std::vector<std::int32_t> controls_;
};

/// A guest without the preload library: what is on the socket, as it is.
class RawGuest {
public:
    explicit RawGuest(const std::string& path) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strcpy(address.sun_path, path.c_str());
        events_.reset(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0));
        connected_ =
            connect(events_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    }

    face::Hello hello() {
        face::Hello hello{};
        iovec bytes{&hello, sizeof(hello)};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * face::kHelloDescriptors)> room{};
        msghdr message{};
        message.msg_iov = &bytes;
        message.msg_iovlen = 1;
        message.msg_control = room.data();
        message.msg_controllen = room.size();
        if (recvmsg(events_.get(), &message, 0) == sizeof(hello) && CMSG_FIRSTHDR(&message)) {
            std::array<int, face::kHelloDescriptors> fds{};
            std::memcpy(fds.data(), CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fds));
            for (std::size_t i = 0; i < fds.size(); ++i) {
                descriptors_[i].reset(fds[i]);
            }
        }
        return hello;
    }

    /// Nothing when no event waits; 0 at the end of the device.
    std::optional<std::int32_t> event() {
        face::Event event{};
        const ssize_t length = recv(events_.get(), &event, sizeof(event), MSG_DONTWAIT);
        return length < 0 ? std::nullopt : std::optional(length == 0 ? 0 : event.total);
    }

    bool connected_ = false;
    base::UniqueFd events_;
    std::array<base::UniqueFd, face::kHelloDescriptors> descriptors_;
};

TEST_F(UioDeviceTest, OpenGivesSizesAndOneFilePerMap) {
    RawGuest guest(tree_.socket_path(0));
    step();
    const face::Hello hello = guest.hello();
    EXPECT_EQ(hello.magic, face::kHelloMagic);
    EXPECT_EQ(hello.error, 0);
    EXPECT_EQ(hello.map_size[3], script::size_of(3));
    for (const base::UniqueFd& each : guest.descriptors_) {
        EXPECT_TRUE(each);
    }
    EXPECT_EQ(guest_, getpid());
    EXPECT_EQ(device_->guest(), getpid());
}

TEST_F(UioDeviceTest, RefusedOpenCarriesTheError) {
    refusal_ = EAGAIN;
    RawGuest guest(tree_.socket_path(0));
    step();
    EXPECT_EQ(guest.hello().error, EAGAIN);
    EXPECT_FALSE(device_->is_open());
    EXPECT_EQ(closes_, 0);
}

TEST_F(UioDeviceTest, OnlyFirstOpenAndLastReleaseAreReported) {
    auto first = std::make_unique<RawGuest>(tree_.socket_path(0));
    auto second = std::make_unique<RawGuest>(tree_.socket_path(0));
    step();
    step();
    first->hello();
    second->hello();
    EXPECT_EQ(opens_, 1);
    first.reset();
    step();
    EXPECT_EQ(closes_, 0);
    second.reset();
    step();
    EXPECT_EQ(closes_, 1);
    EXPECT_FALSE(device_->is_open());
}

TEST_F(UioDeviceTest, TheOwnerKnowsWhoHoldsTheDevice) {
    auto first = std::make_unique<RawGuest>(tree_.socket_path(0));
    const RawGuest second(tree_.socket_path(0));
    step();
    step();
    first->hello();
    EXPECT_EQ(holders_, 2U);
    EXPECT_EQ(device_->openers(), (std::vector{getpid(), getpid()}));
    first.reset();
    step();
    EXPECT_EQ(holders_, 1U);
}

TEST_F(UioDeviceTest, ADeviceThatIsCutOffEndsItsEventsButReportsItsRelease) {
    auto guest = std::make_unique<RawGuest>(tree_.socket_path(0));
    step();
    guest->hello();
    device_->cut_off();
    EXPECT_EQ(guest->event(), 0);
    EXPECT_FALSE(RawGuest(tree_.socket_path(0)).connected_);
    EXPECT_EQ(closes_, 0);
    guest.reset();
    step();
    EXPECT_EQ(closes_, 1);
}

TEST_F(UioDeviceTest, EventsCarryTheRunningTotalToEachOpen) {
    RawGuest first(tree_.socket_path(0));
    step();
    device_->raise();
    RawGuest second(tree_.socket_path(0));
    step();
    second.hello();
    device_->raise();
    first.hello();
    EXPECT_EQ(first.event(), 1);
    EXPECT_EQ(first.event(), 2);
    EXPECT_EQ(second.event(), 2);
    EXPECT_EQ(second.event(), std::nullopt);
}

TEST_F(UioDeviceTest, GuestThatDoesNotReadNeverBlocksTheHost) {
    RawGuest guest(tree_.socket_path(0));
    step();
    for (int i = 0; i < 10'000; ++i) {
        device_->raise();
    }
    EXPECT_EQ(device_->event_total(), 10'000);
}

TEST_F(UioDeviceTest, GuestThatAsksWithoutEndIsAnsweredInTurns) {
    RawGuest guest(tree_.socket_path(0));
    step();
    guest.hello();
    const face::ControlRequest request{1, 7};
    constexpr std::size_t kRequests = 100;
    for (std::size_t i = 0; i < kRequests; ++i) {
        ASSERT_GT(send(guest.descriptors_[0].get(), &request, sizeof(request), MSG_DONTWAIT), 0);
    }
    step();
    EXPECT_LT(controls_.size(), kRequests);
    step();
    EXPECT_EQ(controls_.size(), kRequests);
}

TEST_F(UioDeviceTest, RescindEndsTheConnectionAndFreesTheName) {
    RawGuest guest(tree_.socket_path(0));
    step();
    guest.hello();
    device_->rescind();
    EXPECT_EQ(guest.event(), 0);
    EXPECT_FALSE(RawGuest(tree_.socket_path(0)).connected_);
    EXPECT_EQ(closes_, 0);
}

TEST_F(UioDeviceTest, GuestSeesTheKernelsAnswersThroughThePreloadLibrary) {
    const char* const library = std::getenv("VMBUS_FACE_LIBRARY");
    const char* const probe = std::getenv("VMBUS_FACE_PROBE");
    ASSERT_TRUE(library != nullptr && probe != nullptr) << "run by meson, which sets both";
    ASSERT_EQ(tree_.set_ring_file_size(script::kToldRingSize), 0);
    ASSERT_EQ(tree_.set_kernel_release(script::kToldRelease), 0);
    auto process = GuestProcess::start({{probe}, tree_.root(), library}, guardian_);
    ASSERT_TRUE(process.ok());
    std::optional<int> status;
    while (!status) {
        step();
        status = process.value().service();
    }
    EXPECT_EQ(*status, 0);
    EXPECT_EQ(phase_at_first_close_, 2U) << "released while a mapping was left";
    EXPECT_EQ(opens_, 3);
    EXPECT_EQ(closes_, 2);  // the third open ended with the device
}

TEST_F(UioDeviceTest, GuestSeesAKernelThatWaitsForTheRelease) {
    const char* const library = std::getenv("VMBUS_FACE_LIBRARY");
    const char* const probe = std::getenv("VMBUS_FACE_PROBE");
    ASSERT_TRUE(library != nullptr && probe != nullptr) << "run by meson, which sets both";
    auto process = GuestProcess::start({{probe, "cut-off"}, tree_.root(), library}, guardian_);
    ASSERT_TRUE(process.ok());
    std::optional<int> status;
    while (!status) {
        step();
        status = process.value().service();
    }
    EXPECT_EQ(*status, 0);
    EXPECT_EQ(closes_, 1);
}

}  // namespace
