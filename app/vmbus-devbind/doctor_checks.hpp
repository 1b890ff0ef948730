// The single checks of the doctor, each a question with its findings. No finding: all is well, or
// there is nothing to look at.
#pragma once

#include <vector>

#include "doctor.hpp"

namespace vmbus::devbind {

// doctor_binding.cpp: from the bus to the NIC.
std::vector<Finding> check_bus(const Patient& patient);
std::vector<Finding> check_module(const Patient& patient);
std::vector<Finding> check_binding(const Patient& patient);
std::vector<Finding> check_driver_override(const Patient& patient);
std::vector<Finding> check_persistence(const Patient& patient);
std::vector<Finding> check_kernel(const Patient& patient);

// doctor_running.cpp: what a DPDK program meets when it starts.
std::vector<Finding> check_hugepages(const Patient& patient);
std::vector<Finding> check_iova(const Patient& patient);
std::vector<Finding> check_rings(const Patient& patient);
std::vector<Finding> check_vf(const Patient& patient);
std::vector<Finding> check_permissions(const Patient& patient);
std::vector<Finding> check_plugin(const Patient& patient);

}  // namespace vmbus::devbind
