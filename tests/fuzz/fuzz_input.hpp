// What every fuzz target needs: the input as bytes, a few leading choices taken from it, and a way
// to say that a promise was broken. Target functions run on one thread, millions of times.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>

#include "base/bytes.hpp"

namespace vmbus::fuzz {

/// A promise of the code under test. Ends the run, so that the fuzzer keeps the input.
inline void require(bool promise) {
    if (!promise) {
        std::abort();
    }
}

/// Whether `part`, which may be empty, lies inside `whole`.
inline bool inside(base::Bytes part, base::Bytes whole) {
    return part.empty() || (part.data() >= whole.data() && part.size() <= whole.size() &&
                            part.data() <= whole.data() + (whole.size() - part.size()));
}

/// The input, from which leading choices can be taken; what remains is the message.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size)
        : bytes_(std::as_bytes(std::span(data, size))) {}

    /// 0 when nothing is left.
    template <class T>
    T take() {
        const auto value = base::try_load<T>(bytes_);
        if (!value) {
            bytes_ = {};
            return T{};
        }
        bytes_ = bytes_.subspan(sizeof(T));
        return *value;
    }
    /// The next `wanted` bytes, or what is left of them.
    base::Bytes take_bytes(std::size_t wanted) {
        const auto taken = bytes_.first(std::min(wanted, bytes_.size()));
        bytes_ = bytes_.subspan(taken.size());
        return taken;
    }
    base::Bytes rest() const { return bytes_; }

private:
    base::Bytes bytes_;
};

}  // namespace vmbus::fuzz

// The one function of a target, as libFuzzer and the replay program call it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
