#include "host/temper.hpp"

namespace vmbus::host {

const char* to_string(Temper temper) noexcept {
    switch (temper) {
        case Temper::kStrict: return "strict";
        case Temper::kTolerant: return "tolerant";
        case Temper::kOpenvmm: return "openvmm";
    }
    return "unknown";
}

std::optional<Temper> temper_named(std::string_view name) noexcept {
    for (const Temper temper : {Temper::kStrict, Temper::kTolerant, Temper::kOpenvmm}) {
        if (name == to_string(temper)) {
            return temper;
        }
    }
    return std::nullopt;
}

const char* to_string(Reaction reaction) noexcept {
    switch (reaction) {
        case Reaction::kCarried: return "counts it and deals with the packet all the same";
        case Reaction::kSkipped: return "counts it and drops the packet without an answer";
        case Reaction::kFailure: return "counts it and answers with a failure status";
        case Reaction::kStops: return "counts it; the channel is silent until it is opened again";
    }
    return "unknown";
}

}  // namespace vmbus::host
