// Machine: NICs that go and come back while guests look on.
#include "host/machine.hpp"
#include "host/port_null.hpp"

namespace vmbus::host {
namespace {

using Clock = std::chrono::steady_clock;

/// How long a host that crashes by script stays away.
constexpr std::chrono::milliseconds kAway{500};

bool refuse(const char* reason, std::string& why) {
    why = reason;
    return false;
}

}  // namespace

/// What becomes due by itself, and what the scripts ask for.
void Machine::serve_due() {
    const auto now = Clock::now();
    for (std::size_t i = 0; i < nics_.size(); ++i) {
        nics_[i]->serve_offers(now);
        if (nics_[i]->nic().take_rescind_request()) {
            nics_[i]->rescind();
        }
        if (nics_[i]->nic().take_restart_request()) {
            restart(kAway);
        }
        if (offers_due_[i] && now >= *offers_due_[i] && nics_[i]->removed()) {
            replace(i);
        }
    }
}

/// The same NIC as a new device: another uioN, another relid, other memory. Its port and its
/// figures stay.
void Machine::replace(std::size_t nic) {
    std::string why;
    auto port = nics_[nic]->exchange_port(std::make_unique<NullPort>(ports_.replay));
    auto made = MachineNic::create(*tree_, next_number_++, options_.nics[nic], std::move(port),
                                   pages(), why, MachineNic::Offer::kHot);
    offers_due_[nic].reset();
    if (made == nullptr) {
        return;  // no memory: it stays away
    }
    made->nic().inherit(nics_[nic]->nic());
    nics_[nic] = std::move(made);
    watch_nic(nic);
}

bool Machine::set_link(std::size_t nic, bool up, std::string& why) {
    if (nic >= nics_.size()) {
        return refuse("there is no such NIC", why);
    }
    nics_[nic]->nic().set_link(up);
    return true;
}

bool Machine::set_vf(std::size_t nic, bool present, std::string& why) {
    if (nic >= nics_.size()) {
        return refuse("there is no such NIC", why);
    }
    host::Nic& its = nics_[nic]->nic();
    its.set_vf({.present = present, .serial = its.vf().serial});
    return true;
}

bool Machine::rescind(std::size_t nic, std::string& why) {
    if (nic >= nics_.size() || nics_[nic]->rescinded()) {
        return refuse("there is no such NIC, or it is rescinded already", why);
    }
    nics_[nic]->rescind();
    return true;
}

bool Machine::offer_again(std::size_t nic, std::string& why) {
    if (nic >= nics_.size() || !nics_[nic]->rescinded()) {
        return refuse("there is no such NIC, or it is on offer", why);
    }
    offers_due_[nic] = Clock::now();
    return true;
}

void Machine::restart(std::chrono::milliseconds after) noexcept {
    for (std::size_t i = 0; i < nics_.size(); ++i) {
        nics_[i]->rescind();
        offers_due_[i] = Clock::now() + after;
    }
}

}  // namespace vmbus::host
