// A fault script -> steps, and an engine that follows them. Input: the text.
#include <string>
#include <string_view>

#include "fuzz_input.hpp"
#include "host/fault_engine.hpp"
#include "host/fault_script.hpp"

namespace {

using namespace vmbus;
using fuzz::require;

void follow(const host::FaultScript& script) {
    host::FaultEngine engine(script);
    require(engine.active() == !script.empty());
    std::uint64_t struck = 0;
    for (int turn = 0; turn < 4; ++turn) {
        for (std::size_t fault = 0; fault < host::kFaults; ++fault) {
            struck += engine.due(static_cast<host::Fault>(fault)) ? 1 : 0;
        }
    }
    require(engine.struck() == struck);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::string why;
    if (const auto script = host::parse_fault_script(text, why)) {
        follow(*script);
    } else {
        require(!why.empty() && why.find('\n') == std::string::npos);
    }
    return 0;
}
