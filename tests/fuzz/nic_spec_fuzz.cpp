// The text of --nic -> NicSpec. Input: the text.
#include <string>
#include <string_view>

#include "fuzz_input.hpp"
#include "host/nic_spec.hpp"

namespace {

using namespace vmbus;
using fuzz::require;

void check_ranges(const host::NicSpec& spec) {
    require(spec.queues >= 1 && spec.queues <= 64);
    require(spec.mtu >= 68 && spec.mtu <= 9202);
    require((spec.mac[0] & 1U) == 0);
    if (const auto* gen = std::get_if<host::GenPortSpec>(&spec.port)) {
        for (const auto length : gen->lengths) {
            require(length >= 60 && length <= 9216);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::string why;
    const auto spec = host::parse_nic_spec(text, 0, why);
    if (spec) {
        check_ranges(*spec);
    } else {
        require(!why.empty() && why.find('\n') == std::string::npos);
    }
    return 0;
}
