// A record file -> a recording, and its host played to a guest that does what the recorded one did.
// Input: the file.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "fuzz_input.hpp"
#include "host/playback.hpp"
#include "host/receive_buffer.hpp"

namespace {

using namespace vmbus;
using fuzz::require;
using host::RecordKind;

host::PlaybackPace::TimePoint now;

void say_all(host::Playback& playback) {
    while (const auto* const due = playback.due(host::kMaxChannels)) {
        require(due->packet.size() >= sizeof(wire::PacketDescriptor));
        require(due->channel < playback.channels());
        const auto id = base::load_at<wire::PacketDescriptor>(due->packet, 0).transaction_id;
        playback.said();
        playback.returned(id);
    }
}

/// What the recorded guest did, in order: QUERYs are kept with their answers, not among the steps.
std::vector<const host::RecordedStep*> everything(const host::RecordedNic& nic) {
    std::vector<const host::RecordedStep*> all;
    for (const host::RecordedStep& step : nic.steps) {
        all.push_back(&step);
    }
    for (const auto& [key, answers] : nic.answers) {
        for (const host::RecordedAnswer& answer : answers) {
            all.push_back(&answer.question);
        }
    }
    std::sort(all.begin(), all.end(),
              [](const auto* a, const auto* b) { return a->number < b->number; });
    return all;
}

void play(const host::RecordedNic& nic, host::PlaybackPace& pace) {
    host::Playback playback(nic, pace);
    require(nic.goodbye <= nic.steps.size());
    for (const host::RecordedStep* const done : everything(nic)) {
        const host::RecordedStep& step = *done;
        if (step.kind == RecordKind::kOpened && step.channel == 0) {
            require(playback.opened());
        } else if (step.kind == RecordKind::kClosed && step.channel == 0) {
            playback.closed();
        } else if (step.kind == RecordKind::kFromGuest) {
            playback.asked(step.channel, *host::parts_of(step.packet), step.data);
        }
        say_all(playback);
    }
    require(playback.differences().empty() || nic.frames.total() > 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const base::UniqueFd file(::memfd_create("record", MFD_CLOEXEC));
    require(::write(file.get(), data, size) == static_cast<ssize_t>(size));
    std::string why;
    const auto recording =
        host::Recording::read("/proc/self/fd/" + std::to_string(file.get()), why);
    require((recording == nullptr) == !why.empty());
    host::PlaybackPace pace([] { return now += std::chrono::seconds(3); });
    for (std::size_t i = 0; recording != nullptr && i < recording->nics.size(); ++i) {
        play(recording->nics[i], pace);
    }
    return 0;
}
