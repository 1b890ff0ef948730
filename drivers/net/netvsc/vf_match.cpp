#include "net/netvsc/vf_match.hpp"

#include <fstream>

namespace vmbus::netvsc {

std::string slot_address(std::uint32_t serial, const std::string& sysfs) {
    std::ifstream file(sysfs + "/bus/pci/slots/" + std::to_string(serial) + "/address");
    std::string address;
    std::getline(file, address);
    return address;
}

bool is_vf_of(const oids::MacAddress& nic, std::string_view slot,
              const VfCandidate& candidate) noexcept {
    // A NIC of the VM bus is nobody's VF, not even that of one with the same address.
    if (candidate.mac != nic || candidate.driver == "net_netvsc" || candidate.bus == "vmbus") {
        return false;
    }
    return slot.empty() || candidate.bus != "pci" || candidate.device.starts_with(slot);
}

}  // namespace vmbus::netvsc
