// vmbus-devbind: binds NICs of Hyper-V and Azure for DPDK, shows what they are bound to, and says
// what is wrong. docs/devbind.md has all of it.
#include "commands.hpp"
#include "options.hpp"

int main(int argc, char** argv) {
    using namespace vmbus::devbind;
    int status = 0;
    const auto options = parse_options(argc, argv, status);
    return options ? static_cast<int>(run_command(*options)) : status;
}
