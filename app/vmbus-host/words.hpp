// What vmbus-host says of the protocol without running anything: the rules of which it counts each
// breach, what it can do wrong itself, and which tests check the rules.
#pragma once

#include <string>

namespace vmbus::host {

/// Prints the violation or the fault of that name, or all of them when it is empty. False when
/// there is none.
bool explain(const std::string& name);

/// Prints each rule with the tests that check it, or the reason why there is none.
void print_conformance();

}  // namespace vmbus::host
