#include "host/machine_nic.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include "wire/ring_page.hpp"
#include "wire/signal_pages.hpp"

namespace vmbus::host {
namespace {

/// Where Linux starts to count GPADL handles (drivers/hv/connection.c).
constexpr std::uint32_t kFirstGpadl = 0xE1E10;

constexpr std::size_t kReceive = 0;
constexpr std::size_t kSend = 1;

std::uint32_t receive_gpadl(unsigned number) noexcept {
    return kFirstGpadl + number * 3 + 1;
}
std::uint32_t send_gpadl(unsigned number) noexcept {
    return kFirstGpadl + number * 3 + 2;
}

NicNode node_of(unsigned number, const NicSpec& spec) {
    NicNode node;
    node.instance = wire::to_string(spec.id);
    node.number = number;
    node.numa_node = spec.numa;
    node.maps = {MapNode{"txrx_rings", 2 * std::uint64_t{spec.ring}},
                 MapNode{"int_page", sizeof(wire::InterruptPage)},
                 MapNode{"monitor_page", sizeof(wire::MonitorPage)},
                 MapNode{"recv:" + std::to_string(receive_gpadl(number)), spec.recv},
                 MapNode{"send:" + std::to_string(send_gpadl(number)), spec.send}};
    return node;
}

std::string memory_name(unsigned number, std::size_t map) {
    return "nic" + std::to_string(number) + ".map" + std::to_string(map);
}

bool failed(int error, const char* what, std::string& why) {
    if (error != 0) {
        why = std::string(what) + ": " + std::strerror(error);
    }
    return error != 0;
}

}  // namespace

MachineNic::MachineNic(const DeviceTree& tree, unsigned number, const NicSpec& spec,
                       std::unique_ptr<Port> port, const SharedPages& pages)
    : tree_(tree),
      signals_(pages.signals),
      ids_(pages.ids),
      spec_(spec),
      node_(node_of(number, spec)),
      port_(std::move(port)) {}

MachineNic::~MachineNic() = default;

bool MachineNic::create_memory(ChannelIds& ids, std::string& why) {
    constexpr std::size_t kMapOf[] = {3, 4};
    base::Mapping* const mappings[] = {&receive_, &send_};
    for (std::size_t i = 0; i < std::size(kMapOf); ++i) {
        const std::uint64_t size = node_.maps[kMapOf[i]].size;
        auto file = tree_.create_memory(memory_name(node_.number, kMapOf[i]), size);
        if (failed(file.error(), "creating shared memory", why)) return false;
        files_[i] = std::move(file).value();
        auto mapping = base::Mapping::map_shared(files_[i].get(), size);
        if (failed(mapping.error(), "mapping shared memory", why)) return false;
        *mappings[i] = std::move(mapping).value();
    }
    auto primary =
        MachineChannel::create(tree_, ids, memory_name(node_.number, 0), spec_.ring, spec_.monitor);
    if (failed(primary.error(), "creating the rings", why)) return false;
    channels_.push_back(std::move(primary).value());
    node_.primary = channels_[0]->node();
    return true;
}

void MachineNic::create_nic() {
    Interrupt& interrupt = *this;
    nic_ = std::make_unique<Nic>(spec_,
                                 NicMemory{.rings = channels_[0]->rings(),
                                           .buffers = {.receive = receive_.bytes(),
                                                       .receive_gpadl = receive_gpadl(node_.number),
                                                       .send = send_.bytes(),
                                                       .send_gpadl = send_gpadl(node_.number)}},
                                 *port_, interrupt);
}

std::unique_ptr<MachineNic> MachineNic::create(const DeviceTree& tree, unsigned number,
                                               const NicSpec& spec, std::unique_ptr<Port> port,
                                               const SharedPages& pages, std::string& why) {
    std::unique_ptr<MachineNic> made(new MachineNic(tree, number, spec, std::move(port), pages));
    if (!made->create_memory(pages.ids, why)) return nullptr;
    const auto& node = made->node_;
    const UioDevice::Maps maps = {UioDevice::Map{made->channels_[0]->fd(), node.maps[0].size},
                                  UioDevice::Map{pages.interrupt_fd, node.maps[1].size},
                                  UioDevice::Map{pages.monitor_fd, node.maps[2].size},
                                  UioDevice::Map{made->files_[kReceive].get(), node.maps[3].size},
                                  UioDevice::Map{made->files_[kSend].get(), node.maps[4].size}};
    auto uio = UioDevice::create(tree.socket_path(number), maps, *made);
    if (failed(uio.error(), "listening for the guest", why)) return nullptr;
    made->uio_ = std::move(uio).value();
    made->create_nic();
    if (failed(tree.add_nic(node), "writing the device tree", why)) return nullptr;
    if (failed(tree.expose_ring(node, node.primary.relid, made->channels_[0]->memory_name()),
               "writing the device tree", why)) {
        return nullptr;
    }
    return made;
}

void MachineNic::take_monitored(unsigned monitor_id) noexcept {
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        if (channels_[i]->node().monitor_id == monitor_id) {
            nic_->doorbell(i);
            return;
        }
    }
}

void MachineNic::serve_offers(Clock::time_point now) {
    if (channels_.size() >= nic_->granted() || !error_.empty()) {
        next_offer_.reset();
        return;
    }
    const std::chrono::milliseconds delay(spec_.offer_delay_ms);
    if (!next_offer_) {
        next_offer_ = now + delay;
    }
    while (channels_.size() < nic_->granted() && now >= *next_offer_ && offer_channel()) {
        next_offer_ = now + delay;
    }
}

/// As the kernel does it: the channel is open before the guest sees its directory, and the ring
/// comes last.
bool MachineNic::offer_channel() {
    auto made = MachineChannel::create(
        tree_, ids_, memory_name(node_.number, 0) + ".channel" + std::to_string(channels_.size()),
        spec_.ring, spec_.monitor);
    if (failed(made.error(), "offering a channel", error_)) return false;
    auto channel = std::move(made).value();
    ChannelNode& node = channel->node();
    node.subchannel_index = static_cast<std::uint32_t>(channels_.size());
    if (!nic_->open_channel(channel->rings())) {
        return !failed(EINVAL, "opening a channel", error_);
    }
    channel->mask_at_open();
    channels_.push_back(std::move(channel));
    show_mapping();
    return !failed(tree_.add_channel(node_, node), "writing the device tree", error_) &&
           !failed(tree_.expose_ring(node_, node.relid, channels_.back()->memory_name()),
                   "writing the device tree", error_);
}

/// The host takes the offers back when the primary is closed.
void MachineNic::withdraw_channels() noexcept {
    while (channels_.size() > 1) {
        tree_.remove_channel(node_, channels_.back()->node().relid);
        channels_.pop_back();
    }
    next_offer_.reset();
    show_mapping();
}

void MachineNic::show_mapping() noexcept {
    std::string lines;
    for (const auto& channel : channels_) {
        lines += std::to_string(channel->node().relid) + ":" + std::to_string(channel->node().cpu) +
                 "\n";
    }
    tree_.set_channel_mapping(node_, lines);
}

int MachineNic::opened(pid_t guest) noexcept {
    guest_memory_.emplace(guest);
    if (!nic_->open(*guest_memory_)) {
        return EAGAIN;
    }
    channels_[0]->mask_at_open();
    tree_.set_state(node_, 3);
    return 0;
}

void MachineNic::closed() noexcept {
    nic_->close();
    withdraw_channels();
    guest_memory_.reset();
    tree_.set_state(node_, 0);
}

/// As kernels 6.16 and 6.17 have it: all channels at once.
void MachineNic::control(std::int32_t value) noexcept {
    bool data = false;
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        channels_[i]->enable_interrupts(value != 0);
        if (value != 0 && !channels_[i]->node().monitor_id) {
            signals_.clear_event(channels_[i]->node().relid);
            nic_->doorbell(i);
        }
        data |= channels_[i]->has_data();
    }
    if (value != 0 && data) {
        raise();
    }
}

void MachineNic::rescind() noexcept {
    if (std::exchange(rescinded_, true)) {
        return;
    }
    uio_->rescind();
    nic_->close();
    withdraw_channels();
    tree_.remove_nic(node_);
}

}  // namespace vmbus::host
