#include "bus/vmbus/device.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "bus/vmbus/kernel_release.hpp"
#include "bus/vmbus/log.hpp"
#include "bus/vmbus/sysfs.hpp"
#include "bus/vmbus/uio.hpp"

namespace vmbus::bus {

namespace {

std::string uio_directory(const Identity& identity) {
    return identity.sysfs_path + "/uio/uio" + std::to_string(identity.uio_number);
}

std::string uio_file(const Identity& identity) {
    return "/dev/uio" + std::to_string(identity.uio_number);
}

/// The kernel clears both indices when it opens the channel, which it does at the first of all
/// opens; indices that moved belong to a conversation that somebody else still holds open.
bool untouched(const ring::MappedRing& ring) noexcept {
    // relaxed: nobody sends before the driver's first message.
    return ring.page().in.load_relaxed() == 0 && ring.page().out.load_relaxed() == 0;
}

}  // namespace

Device::Device(Identity identity) : handle_{{}, this} {
    refresh(std::move(identity));
}

Device::~Device() {
    unmap();
}

void Device::refresh(Identity identity) noexcept {
    assert(!mapped());
    identity_ = std::move(identity);
    handle_.generic.name = identity_.name.c_str();
    handle_.generic.numa_node = identity_.numa_node;
}

int Device::map() noexcept {
    std::string problem;
    const int result = mapped() ? -EBUSY : set_up(problem);
    if (result != 0) {
        log_line(RTE_LOG_ERR, "%s cannot be mapped: %s", name(),
                 problem.empty() ? std::strerror(-result) : problem.c_str());
    }
    return result;
}

int Device::set_up(std::string& problem) noexcept {
    if (!bound()) {
        problem = "not bound to uio_hv_generic";
        return -ENODEV;
    }
    UioLayout layout;
    if (read_layout(uio_directory(identity_) + "/maps", layout, problem) != 0) {
        problem.insert(0, uio_file(identity_) + ": ");
        return -EINVAL;
    }
    if (const int error = open_uio(problem); error != 0) {
        return error;
    }
    int result = map_regions(uio_.get(), layout, maps_, problem);
    if (result == 0) {
        result = make_interrupt_handle();
    }
    if (result != 0) {
        unmap();
        return result;
    }
    receive_gpadl_ = layout.receive_gpadl;
    send_gpadl_ = layout.send_gpadl;
    return 0;
}

int Device::open_uio(std::string& problem) noexcept {
    uio_.reset(::open(uio_file(identity_).c_str(), O_RDWR | O_CLOEXEC));
    if (!uio_) {
        const int error = errno;
        problem = uio_file(identity_) + ": " + std::strerror(error);
        return -error;
    }
    return 0;
}

DevicePlaces Device::places() const noexcept {
    assert(mapped());
    DevicePlaces places{.uio_number = identity_.uio_number, .uio_fd = uio_.get()};
    identity_.name.copy(places.name.data(), places.name.size() - 1);
    for (std::size_t map = 0; map < kMaps; ++map) {
        places.maps[map] = {reinterpret_cast<std::uintptr_t>(maps_[map].data()), maps_[map].size()};
    }
    const auto& subs = sub_channels_.all();
    for (std::size_t i = 1; i < subs.size() && subs[i] && i <= places.subs.size(); ++i) {
        const base::Mapping& rings = subs[i]->rings;
        places.subs[i - 1] = {
            .relid = subs[i]->channel.relid,
            .rings = {reinterpret_cast<std::uintptr_t>(rings.data()), rings.size()}};
        places.sub_channels = i;
    }
    return places;
}

int Device::map_as(const DevicePlaces& places, std::string& problem) noexcept {
    if (identity_.name != places.name.data()) {
        problem = "the port is another device's by now";
        return -ENODEV;
    }
    // What a scan of this process has found may be older than what the other one has.
    identity_.uio_number = places.uio_number;
    if (const int error = open_uio(problem); error != 0) {
        return error;
    }
    const int error = map_places(places);
    if (error != 0) {
        problem = error == -EEXIST ? "an address is taken in this process" : std::strerror(-error);
        unmap();
    }
    return error;
}

int Device::map_places(const DevicePlaces& places) noexcept {
    for (std::size_t map = 0; map < kMaps; ++map) {
        const auto offset = static_cast<off_t>(map * base::system_page_size());
        auto mapping = base::Mapping::map_shared_at(places.maps[map].address, uio_.get(),
                                                    places.maps[map].bytes, offset);
        if (!mapping) {
            return -mapping.error();
        }
        maps_[map] = std::move(mapping).value();
    }
    return sub_channels_.open_as(identity_.sysfs_path,
                                 std::span(places.subs).first(places.sub_channels));
}

int Device::make_interrupt_handle() noexcept {
    interrupt_handle_ = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
    if (interrupt_handle_ == nullptr) {
        return -ENOMEM;
    }
    // EXT: the driver's callback reads the file, and so learns of a removal by the error.
    if (rte_intr_type_set(interrupt_handle_, RTE_INTR_HANDLE_EXT) != 0 ||
        rte_intr_fd_set(interrupt_handle_, uio_.get()) != 0) {
        return -EINVAL;
    }
    return 0;
}

void Device::unmap() noexcept {
    rte_intr_instance_free(std::exchange(interrupt_handle_, nullptr));
    sub_channels_.close();
    for (base::Mapping& mapping : maps_) {
        mapping.reset();
    }
    // Last: the kernel closes the channel when neither file nor mapping is left.
    uio_.reset();
}

base::Placed<channel::GuestChannel> Device::open_primary_channel(ring::Publication mode) noexcept {
    assert(mapped());
    return make_channel(region(Map::kRings), identity_.relid, identity_.monitor_id, mode);
}

std::vector<base::Placed<channel::GuestChannel>> Device::open_sub_channels(
    std::uint16_t count, std::chrono::milliseconds patience, ring::Publication mode,
    SubChannelTrust signals) noexcept {
    assert(mapped());
    std::vector<base::Placed<channel::GuestChannel>> channels;
    const std::uint16_t there = sub_channels_.open(identity_.sysfs_path, identity_.relid, count,
                                                   region(Map::kRings).size(), patience);
    for (const std::string& problem : sub_channels_.problems()) {
        log_line(RTE_LOG_WARNING, "%s: %s", name(), problem.c_str());
    }
    for (std::uint16_t index = 1; index <= there && can_signal(index, signals); ++index) {
        const SubChannels::Open& sub = sub_channels_.at(index);
        auto channel =
            make_channel(sub.rings.bytes(), sub.channel.relid, sub.channel.monitor_id, mode);
        if (channel == nullptr) {
            break;
        }
        channels.push_back(std::move(channel));
    }
    return channels;
}

/// Whether the host can be told of what is sent on the sub-channel.
bool Device::can_signal(std::uint16_t index, SubChannelTrust signals) const noexcept {
    if (sub_channels_.at(index).channel.monitor_id != wire::kNoMonitor) {
        return true;
    }
    const std::string kernel = KernelRelease::running();
    if (trusts_sub_channels(signals, kSignalsSubChannels, kernel)) {
        return true;
    }
    log_line(RTE_LOG_WARNING,
             "%s: channel %u and those behind it stay unused: it has no monitor bit, and "
             "kernels are known to signal such a sub-channel from Linux %u.%u on; this is "
             "%s%s",
             name(), index, kSignalsSubChannels.major, kSignalsSubChannels.minor,
             kernel.empty() ? "unknown" : kernel.c_str(),
             signals == SubChannelTrust::kNone ? ", and signals=primary" : "");
    return false;
}

base::Placed<channel::GuestChannel> Device::make_channel(base::MutableBytes both,
                                                         std::uint32_t relid,
                                                         std::uint8_t monitor_id,
                                                         ring::Publication mode) noexcept {
    const std::size_t half = both.size() / 2;
    const auto tx = ring::MappedRing::view(both.first(half), base::system_page_size());
    const auto rx = ring::MappedRing::view(both.subspan(half), base::system_page_size());
    if (!tx || !rx) {
        log_line(RTE_LOG_ERR, "%s: rings of %zu bytes are unusable", name(), half);
        return nullptr;
    }
    // relaxed: kernels differ in whether they mask a fresh channel; a signal until now is harmless.
    rx.value().page().interrupt_mask.store_relaxed(1);
    if (!untouched(tx.value()) || !untouched(rx.value())) {
        log_line(RTE_LOG_ERR, "%s: the rings are in use: does another process hold %s?", name(),
                 uio_file(identity_).c_str());
        return nullptr;
    }
    return base::make_placed<channel::GuestChannel>(tx.value(), rx.value(), mode,
                                                    doorbell(relid, monitor_id));
}

channel::GuestDoorbell Device::doorbell(std::uint32_t relid,
                                        std::uint8_t monitor_id) const noexcept {
    // The scans have checked relid and monitor id, and map() the sizes of the pages.
    if (monitor_id != wire::kNoMonitor) {
        auto* page = reinterpret_cast<wire::MonitorPage*>(region(Map::kMonitorPage).data());
        return channel::GuestDoorbell::monitored(*page, monitor_id);
    }
    auto* page = reinterpret_cast<wire::InterruptPage*>(region(Map::kInterruptPage).data());
    return channel::GuestDoorbell::event(*page, relid, uio_.get());
}

void Device::set_latency(std::uint16_t latency) noexcept {
    auto* page = reinterpret_cast<wire::MonitorPage*>(region(Map::kMonitorPage).data());
    const auto set = [&](std::uint8_t id) {
        if (id != wire::kNoMonitor) {
            page->latency[id / wire::kMonitorBitsPerGroup][id % wire::kMonitorBitsPerGroup] =
                latency;
        }
    };
    set(identity_.monitor_id);
    for (const auto& sub : sub_channels_.all()) {
        if (sub) {
            set(sub->channel.monitor_id);
        }
    }
}

bool Device::replace_lost(const void* address) noexcept {
    const auto found = std::find_if(maps_.begin(), maps_.end(), [address](const auto& mapping) {
        return mapping.contains(address);
    });
    return found != maps_.end() ? found->replace_by_zeroes() : sub_channels_.replace_lost(address);
}

bool Device::present() const noexcept {
    const auto relid = sysfs::read_number(identity_.sysfs_path + "/id");
    return relid && relid.value() == identity_.relid && sysfs::exists(uio_directory(identity_));
}

}  // namespace vmbus::bus
