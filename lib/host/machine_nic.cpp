#include "host/machine_nic.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include "wire/signal_pages.hpp"

namespace vmbus::host {
namespace {

/// Where Linux starts to count GPADL handles (drivers/hv/connection.c).
constexpr std::uint32_t kFirstGpadl = 0xE1E10;

constexpr std::size_t kReceive = 0;
constexpr std::size_t kSend = 1;
/// Which of the five maps these are.
constexpr std::size_t kBufferMaps[] = {3, 4};

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
      kernel_(pages.kernel),
      recorder_(pages.recorder),
      spec_(spec),
      node_(node_of(number, spec)),
      port_(std::move(port)) {}

MachineNic::~MachineNic() {
    // Guests that still look at the memory keep it.
    for (const std::size_t map : kBufferMaps) {
        tree_.remove_memory(memory_name(node_.number, map));
    }
}

bool MachineNic::create_memory(ChannelIds& ids, std::string& why) {
    base::Mapping* const mappings[] = {&receive_, &send_};
    for (std::size_t i = 0; i < std::size(kBufferMaps); ++i) {
        const std::uint64_t size = node_.maps[kBufferMaps[i]].size;
        auto file = tree_.create_memory(memory_name(node_.number, kBufferMaps[i]), size);
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
    node_.bound = node_.primary.monitor_id || !kernel_.needs_monitor_bit;
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
    nic_->set_recorder(recorder_, static_cast<std::uint8_t>(node_.number));
    if (recorder_ != nullptr) {
        recorder_->nic(static_cast<std::uint8_t>(node_.number), spec_.text);
    }
}

bool MachineNic::create_uio(const SharedPages& pages, std::string& why) {
    const auto& maps = node_.maps;
    auto uio = UioDevice::create(tree_.socket_path(node_.number),
                                 {UioDevice::Map{channels_[0]->fd(), maps[0].size},
                                  UioDevice::Map{pages.interrupt_fd, maps[1].size},
                                  UioDevice::Map{pages.monitor_fd, maps[2].size},
                                  UioDevice::Map{files_[kReceive].get(), maps[3].size},
                                  UioDevice::Map{files_[kSend].get(), maps[4].size}},
                                 *this);
    if (failed(uio.error(), "listening for the guest", why)) return false;
    uio_ = std::move(uio).value();
    if (!node_.bound) {
        uio_->rescind();  // there is no uioN
    }
    return true;
}

bool MachineNic::show(Offer offer, std::string& why) {
    if (failed(tree_.add_nic(node_), "writing the device tree", why)) return false;
    if (!node_.bound) return true;
    if (offer == Offer::kHot) {
        ring_due_ = Clock::now() + kernel_.ring_file_delay;
        return true;
    }
    return expose_primary(why);
}

bool MachineNic::expose_primary(std::string& why) {
    return !failed(tree_.expose_ring(node_, node_.primary.relid, channels_[0]->memory_name()),
                   "writing the device tree", why);
}

std::unique_ptr<MachineNic> MachineNic::create(const DeviceTree& tree, unsigned number,
                                               const NicSpec& spec, std::unique_ptr<Port> port,
                                               const SharedPages& pages, std::string& why,
                                               Offer offer) {
    std::unique_ptr<MachineNic> made(new MachineNic(tree, number, spec, std::move(port), pages));
    if (!made->create_memory(pages.ids, why) || !made->create_uio(pages, why)) return nullptr;
    made->create_nic();
    return made->show(offer, why) ? std::move(made) : nullptr;
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
    if (ring_due_ && now >= *ring_due_) {
        ring_due_.reset();
        expose_primary(error_);
    }
    if (channels_.size() >= nic_->granted() || offers_lost_ || !error_.empty()) {
        next_offer_.reset();
        return;
    }
    if (!next_offer_) {
        next_offer_ = next_offer(now);
    }
    while (channels_.size() < nic_->granted() && now >= *next_offer_ && offer_channel()) {
        next_offer_ = next_offer(now);
    }
}

MachineNic::Clock::time_point MachineNic::next_offer(Clock::time_point now) noexcept {
    const auto late = nic_->spoil_offer(Fault::kLateOffer, channels_.size());
    return now + std::chrono::milliseconds(spec_.offer_delay_ms + (late ? late->value : 0));
}

/// As the kernel does it: the channel is open before the guest sees its directory, and the ring
/// comes last. False when there is none to come.
bool MachineNic::offer_channel() {
    const auto lost = nic_->spoil_offer(Fault::kLostOffer, channels_.size());
    offers_lost_ = lost.has_value();
    if (lost && lost->how == 0) return false;
    auto channel = make_channel(".channel" + std::to_string(channels_.size()));
    if (channel == nullptr) return false;
    if (lost) {
        twins_.push_back(std::move(channel));
        tree_.add_channel(node_, twins_.back()->node());
        return false;
    }
    if (!nic_->open_channel(channel->rings())) {
        return !failed(EINVAL, "opening a channel", error_);
    }
    channel->set_mask(kernel_.masks_at_open ? 1 : 0);
    misoffer(*channel);
    channels_.push_back(std::move(channel));
    show_mapping();
    return show_channel(*channels_.back());
}

/// The next one, as it should be.
std::unique_ptr<MachineChannel> MachineNic::make_channel(const std::string& name) {
    auto made = MachineChannel::create(tree_, ids_, memory_name(node_.number, 0) + name, spec_.ring,
                                       spec_.monitor);
    if (failed(made.error(), "offering a channel", error_)) return nullptr;
    made.value()->node().subchannel_index = static_cast<std::uint32_t>(channels_.size());
    return std::move(made).value();
}

bool MachineNic::show_channel(const MachineChannel& channel) {
    const ChannelNode& node = channel.node();
    return !failed(tree_.add_channel(node_, node), "writing the device tree", error_) &&
           !failed(tree_.expose_ring(node_, node.relid, channel.memory_name()),
                   "writing the device tree", error_);
}

/// What the script has against this offer.
void MachineNic::misoffer(MachineChannel& channel) {
    const std::size_t index = channels_.size();
    if (const auto details = nic_->spoil_offer(Fault::kWrongOffer, index)) {
        channel.node().subchannel_index = details->value;
    }
    if (nic_->spoil_offer(Fault::kDuplicateOffer, index)) {
        if (auto twin = make_channel(".twin" + std::to_string(index)); twin != nullptr) {
            show_channel(*twin);
            twins_.push_back(std::move(twin));
        }
    }
}

/// The host takes the offers back when the primary is closed.
void MachineNic::withdraw_channels() noexcept {
    for (; channels_.size() > 1; channels_.pop_back()) {
        tree_.remove_channel(node_, channels_.back()->node().relid);
    }
    for (; !twins_.empty(); twins_.pop_back()) {
        tree_.remove_channel(node_, twins_.back()->node().relid);
    }
    offers_lost_ = false;
    next_offer_.reset();
    show_mapping();
}

void MachineNic::show_mapping() noexcept {
    std::string lines;
    for (const auto& channel : channels_) {
        const ChannelNode& node = channel->node();
        lines += std::to_string(node.relid) + ":" + std::to_string(node.cpu) + "\n";
    }
    tree_.set_channel_mapping(node_, lines);
}

int MachineNic::opened(pid_t guest) noexcept {
    guest_memory_.emplace(guest);
    const std::uint32_t stale_mask = channels_[0]->mask();
    if (!nic_->open(*guest_memory_)) {
        return EAGAIN;
    }
    // The kernel clears the indices and nothing else.
    channels_[0]->set_mask(kernel_.masks_at_open ? 1 : stale_mask);
    tree_.set_state(node_, 3);
    return 0;
}

void MachineNic::held_by(std::span<const pid_t> openers) noexcept {
    guest_memory_->set_processes(openers);
}

void MachineNic::closed() noexcept {
    nic_->close();
    withdraw_channels();
    guest_memory_.reset();
    if (rescinded_) {
        tree_.remove_nic(node_);  // a kernel that waited for the release
    } else {
        tree_.set_state(node_, 0);
    }
}

/// The kernel's callback for a channel. All channels share the event.
void MachineNic::raise(std::uint32_t channel) noexcept {
    // A channel that is being opened is not among them yet: its mask is set when it is.
    if (kernel_.masks_at_event && channel < channels_.size()) {
        channels_[channel]->set_mask(1);
    }
    if (kernel_.subchannel_interrupt_panics && channel > 0) {
        panic(channel);
    }
    uio_->raise();
}

/// A guest that wants interrupts of its queues finds out here, and not in production; but it lives.
void MachineNic::panic(std::uint32_t channel) noexcept {
    if (!std::exchange(panicked_, true)) {
        panic_ = "an interrupt on channel " + std::to_string(channel) + ": Linux " +
                 std::string(kernel_.name) + " would have panicked";
    }
}

void MachineNic::control(std::int32_t value) noexcept {
    const bool signals_all = kernel_.write_signals == WriteSignals::kEveryChannel;
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        if (i == 0 || kernel_.write_masks_subchannels) {
            channels_[i]->enable_interrupts(value != 0);
        }
        // Nobody looks whether the ring holds something already: that is user space's to do.
        if (value != 0 && !channels_[i]->node().monitor_id &&
            (signals_all || (i == 0 && kernel_.write_signals == WriteSignals::kPrimary))) {
            signals_.clear_event(channels_[i]->node().relid);
            nic_->doorbell(i);
        }
    }
}

void MachineNic::rescind() noexcept {
    if (std::exchange(rescinded_, true)) {
        return;
    }
    ring_due_.reset();
    nic_->close();
    withdraw_channels();
    if (kernel_.removal_waits_for_release && uio_->is_open()) {
        uio_->cut_off();
        return;
    }
    uio_->rescind();
    guest_memory_.reset();
    tree_.remove_nic(node_);
}

}  // namespace vmbus::host
