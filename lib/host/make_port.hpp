// make_port: from what a spec says to the port itself. Host thread only.
#pragma once

#include <memory>
#include <string>

#include "host/port.hpp"
#include "host/port_context.hpp"
#include "host/port_spec.hpp"

namespace vmbus::host {

/// nullptr and one line in `why` when the port cannot be had. `context` must outlive the port.
std::unique_ptr<Port> make_port(const PortSpec& spec, PortContext& context, std::string& why);

/// The lan of that name, which lives as long as somebody is on it.
std::shared_ptr<Lan> lan_named(const std::string& name, PortContext& context);

}  // namespace vmbus::host
