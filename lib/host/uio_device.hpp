// UioDevice: the host's side of one /dev/uioN. The guest's preload library connects to its socket;
// this hands out the maps, carries interrupts to the guest and the guest's writes to the host
// (protocol: face/protocol.hpp).
//
// Owned by the host, on its poll thread; nothing blocks. A guest may open a device several times,
// as with the kernel: the host hears of the first open and of the last release only.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "host/face/protocol.hpp"

namespace vmbus::host {

/// What a device tells its owner, from inside service().
class UioHandler {
public:
    /// First open. Returns 0, or the errno that the guest's open() fails with (EAGAIN: the channel
    /// did not open).
    virtual int opened(pid_t guest) noexcept = 0;
    /// The processes that hold the device open have changed: their ids, the oldest open first, at
    /// least one. A secondary process opens a device that its primary has open already.
    virtual void held_by(std::span<const pid_t> openers) noexcept = 0;
    /// The last descriptor and the last mapping of the last open are gone, or the guest is.
    virtual void closed() noexcept = 0;
    /// The guest wrote to the device: 1 enables interrupts, 0 disables them. The guest waits for
    /// the return.
    virtual void control(std::int32_t value) noexcept = 0;

protected:
    ~UioHandler() = default;
};

class UioDevice {
public:
    /// A file that outlives the device, and how much of it the guest may map.
    struct Map {
        int fd = -1;
        std::uint64_t size = 0;
    };
    using Maps = std::array<Map, face::kMapCount>;

    /// Listens at `socket_path`, which must not exist. `handler` must outlive the device.
    static base::Result<std::unique_ptr<UioDevice>> create(const std::string& socket_path,
                                                           const Maps& maps,
                                                           UioHandler& handler) noexcept;
    ~UioDevice();
    UioDevice(const UioDevice&) = delete;
    UioDevice& operator=(const UioDevice&) = delete;

    /// Readable when service() has something to do.
    int poll_fd() const noexcept { return epoll_.get(); }
    void service() noexcept;

    /// One interrupt for every open of the device. A guest that does not read loses no count: the
    /// total is carried.
    void raise() noexcept;

    /// The device is gone for good: reads, writes and new mappings fail, and no open succeeds. Does
    /// not call closed().
    void rescind() noexcept;
    /// What kernels do that remove a device only when it is released: reads and writes fail with
    /// EIO, no open succeeds; but it can still be mapped, and its release is reported.
    void cut_off() noexcept;

    bool is_open() const noexcept { return !opens_.empty(); }
    /// The process of the first open. Requires: is_open().
    pid_t guest() const noexcept { return opens_.front().guest; }
    /// The process of each open, the oldest first.
    std::vector<pid_t> openers() const;
    std::int32_t event_total() const noexcept { return event_total_; }

private:
    struct Open {
        base::UniqueFd events;   // the guest's file
        base::UniqueFd control;  // its end is the release
        pid_t guest = 0;
    };

    UioDevice(std::string socket_path, const Maps& maps, UioHandler& handler) noexcept
        : socket_path_(std::move(socket_path)), maps_(maps), handler_(handler) {}

    int listen() noexcept;
    void accept_one() noexcept;
    int admit(Open open) noexcept;
    void serve(int control) noexcept;
    void serve_all() noexcept;
    bool answer_requests(int control) noexcept;
    void drop(int control) noexcept;
    void stop_listening() noexcept;

    const std::string socket_path_;
    const Maps maps_;
    UioHandler& handler_;
    base::UniqueFd epoll_;
    base::UniqueFd listener_;
    std::vector<Open> opens_;
    std::int32_t event_total_ = 0;
    bool cut_off_ = false;
};

}  // namespace vmbus::host
