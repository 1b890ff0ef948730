#include "host/make_port.hpp"

#include "host/port_gen.hpp"
#include "host/port_impaired.hpp"
#include "host/port_loop.hpp"
#include "host/port_null.hpp"
#include "host/port_pcap.hpp"
#include "host/port_tap.hpp"
#include "host/vswitch.hpp"

namespace vmbus::host {
namespace {

/// One function for each kind of port.
struct Maker {
    PortContext& context;
    std::string& why;

    std::unique_ptr<Port> operator()(const NullPortSpec& /*spec*/) const {
        return std::make_unique<NullPort>(context.replay);
    }
    std::unique_ptr<Port> operator()(const LoopPortSpec& /*spec*/) const {
        return std::make_unique<LoopPort>(context.replay);
    }
    std::unique_ptr<Port> operator()(const GenPortSpec& spec) const {
        return std::make_unique<GenPort>(spec, context.replay, context.clock, context.generators++);
    }
    std::unique_ptr<Port> operator()(const PcapPortSpec& spec) const {
        return PcapPort::create(spec, context, why);
    }
    std::unique_ptr<Port> operator()(const LanPortSpec& spec) const {
        return std::make_unique<LanPort>(lan_named(spec.name, context), context.replay);
    }
    std::unique_ptr<Port> operator()(const TapPortSpec& spec) const {
        return TapPort::create(spec, context.replay, why);
    }
};

}  // namespace

std::shared_ptr<Lan> lan_named(const std::string& name, PortContext& context) {
    auto& place = context.lans[name];
    auto lan = place.lock();
    if (!lan) {
        lan = std::make_shared<Lan>();
        place = lan;
    }
    return lan;
}

std::unique_ptr<Port> make_port(const PortSpec& spec, PortContext& context, std::string& why) {
    auto port = std::visit(Maker{context, why}, spec);
    if (port != nullptr && spec.link.any()) {
        port = std::make_unique<ImpairedPort>(std::move(port), spec.link, context.clock);
    }
    context.refused |= port == nullptr;
    return port;
}

}  // namespace vmbus::host
