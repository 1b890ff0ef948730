// Plays the NIC to a port: sends and takes frames as byte strings, under a clock that stands still
// until a test moves it.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/port_context.hpp"
#include "support/pcap_maker.hpp"

namespace vmbus::test {

inline host::Replay::TimePoint fake_now{};
inline host::Replay::TimePoint fake_clock() {
    return fake_now;
}
inline void pass(std::chrono::milliseconds time) {
    fake_now += time;
}

inline void send(host::Port& port, const Frames& frames) {
    std::vector<host::Frame> views;
    for (const auto& frame : frames) {
        views.push_back({std::as_bytes(std::span(frame))});
    }
    port.transmit(views);
}

/// Copies, as the bytes are valid until the next call only.
inline Frames take(host::Port& port, std::size_t most) {
    std::vector<host::Frame> views(most);
    Frames frames;
    const std::size_t got = port.receive(views);
    for (std::size_t i = 0; i < got; ++i) {
        const auto* const bytes = reinterpret_cast<const std::uint8_t*>(views[i].bytes.data());
        frames.emplace_back(bytes, bytes + views[i].bytes.size());
    }
    return frames;
}

inline std::uint64_t dropped(const host::Port& port, const std::string& reason) {
    for (const auto& drop : port.drops()) {
        if (drop.reason == reason) return drop.frames;
    }
    return UINT64_MAX;  // no such counter
}

/// A frame of 60 bytes between two stations; `mark` is its payload.
inline FrameBytes frame_between(std::uint8_t source, std::uint8_t destination,
                                std::uint8_t mark = 0) {
    FrameBytes frame(60, mark);
    const FrameBytes head = {2, 0, 0, 0, 0, destination, 2, 0, 0, 0, 0, source, 0x08, 0x00};
    std::copy(head.begin(), head.end(), frame.begin());
    return frame;
}

/// A folder that goes with the test.
class ScratchFolder {
public:
    ScratchFolder() {
        std::string name = std::filesystem::temp_directory_path() / "vmbus-test-";
        name += std::string(6, 'X');
        path_ = ::mkdtemp(name.data());
    }
    ~ScratchFolder() { std::filesystem::remove_all(path_); }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    std::string file(const std::string& name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

}  // namespace vmbus::test
