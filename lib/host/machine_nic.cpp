#include "host/machine_nic.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include "wire/ring_page.hpp"
#include "wire/signal_pages.hpp"

namespace vmbus::host {
namespace {

/// Relids and monitor bits of other devices come first on a real machine.
constexpr std::uint32_t kFirstRelid = 11;
constexpr std::uint32_t kFirstMonitorId = 5;
/// Where Linux starts to count GPADL handles (drivers/hv/connection.c).
constexpr std::uint32_t kFirstGpadl = 0xE1E10;

constexpr std::size_t kRings = 0;
constexpr std::size_t kReceive = 1;
constexpr std::size_t kSend = 2;

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
    node.primary.relid = kFirstRelid + number;
    if (spec.monitor && kFirstMonitorId + number < wire::kMonitorBits) {
        node.primary.monitor_id = kFirstMonitorId + number;
    }
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
                       std::unique_ptr<Port> port, SignalWatch& signals)
    : tree_(tree),
      signals_(signals),
      spec_(spec),
      node_(node_of(number, spec)),
      port_(std::move(port)) {}

MachineNic::~MachineNic() = default;

bool MachineNic::create_memory(std::string& why) {
    constexpr std::size_t kMapOf[] = {0, 3, 4};
    base::Mapping* const mappings[] = {&rings_, &receive_, &send_};
    for (std::size_t i = 0; i < std::size(kMapOf); ++i) {
        const std::uint64_t size = node_.maps[kMapOf[i]].size;
        auto file = tree_.create_memory(memory_name(node_.number, kMapOf[i]), size);
        if (failed(file.error(), "creating shared memory", why)) return false;
        files_[i] = std::move(file).value();
        auto mapping = base::Mapping::map_shared(files_[i].get(), size);
        if (failed(mapping.error(), "mapping shared memory", why)) return false;
        *mappings[i] = std::move(mapping).value();
    }
    return true;
}

std::unique_ptr<MachineNic> MachineNic::create(const DeviceTree& tree, unsigned number,
                                               const NicSpec& spec, std::unique_ptr<Port> port,
                                               const SharedPages& pages, std::string& why) {
    std::unique_ptr<MachineNic> made(
        new MachineNic(tree, number, spec, std::move(port), pages.signals));
    if (!made->create_memory(why)) return nullptr;
    const auto& node = made->node_;
    const UioDevice::Maps maps = {UioDevice::Map{made->files_[kRings].get(), node.maps[0].size},
                                  UioDevice::Map{pages.interrupt_fd, node.maps[1].size},
                                  UioDevice::Map{pages.monitor_fd, node.maps[2].size},
                                  UioDevice::Map{made->files_[kReceive].get(), node.maps[3].size},
                                  UioDevice::Map{made->files_[kSend].get(), node.maps[4].size}};
    auto uio = UioDevice::create(tree.socket_path(number), maps, *made);
    if (failed(uio.error(), "listening for the guest", why)) return nullptr;
    made->uio_ = std::move(uio).value();
    Interrupt& interrupt = *made;
    made->nic_ = std::make_unique<Nic>(spec,
                                       NicMemory{.rings = made->rings_.bytes(),
                                                 .buffers = {.receive = made->receive_.bytes(),
                                                             .receive_gpadl = receive_gpadl(number),
                                                             .send = made->send_.bytes(),
                                                             .send_gpadl = send_gpadl(number)}},
                                       *made->port_, interrupt);
    if (failed(tree.add_nic(node), "writing the device tree", why)) return nullptr;
    if (failed(tree.expose_ring(node, node.primary.relid, memory_name(number, 0)),
               "writing the device tree", why)) {
        return nullptr;
    }
    return made;
}

int MachineNic::opened(pid_t guest) noexcept {
    guest_memory_.emplace(guest);
    if (!nic_->open(*guest_memory_)) {
        return EAGAIN;
    }
    // Kernels up to 6.17 mask the channel when it is opened (uio_hv_generic.c, hv_uio_open).
    auto* inbound = reinterpret_cast<wire::RingPage*>(rings_.data() + spec_.ring);
    // relaxed: the guest learns of it by the return of open().
    inbound->interrupt_mask.store_relaxed(1);
    tree_.set_state(node_, 3);
    return 0;
}

void MachineNic::closed() noexcept {
    nic_->close();
    guest_memory_.reset();
    tree_.set_state(node_, 0);
}

void MachineNic::control(std::int32_t value) noexcept {
    auto* inbound = reinterpret_cast<wire::RingPage*>(rings_.data() + spec_.ring);
    // sync kernel.mask -> mask.check: the kernel stores the guest's wish and orders it with a full
    // barrier before it signals (uio_hv_generic.c, hv_uio_irqcontrol).
    inbound->interrupt_mask.store_seq_cst(value != 0 ? 0U : 1U);
    if (value == 0) {
        return;
    }
    if (!node_.primary.monitor_id) {
        signals_.clear_event(relid());
        nic_->doorbell();
    }
    // relaxed: only whether an interrupt is due at once; a later packet interrupts by itself.
    if (inbound->in.load_relaxed() != inbound->out.load_relaxed()) {
        raise();
    }
}

void MachineNic::rescind() noexcept {
    if (std::exchange(rescinded_, true)) {
        return;
    }
    uio_->rescind();
    nic_->close();
    tree_.remove_nic(node_);
}

}  // namespace vmbus::host
