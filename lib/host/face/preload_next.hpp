// The function that an interposed one stands in front of, found on first use.
//
// Lazy, because a constructor of another library may call open() before any constructor of ours has
// run. Objects are constinit: they are usable before dynamic initialisation. Any thread.

#pragma once

#include <dlfcn.h>

#include <atomic>
#include <cstdlib>

namespace vmbus::host::face {

template <typename Function>
class Next {
public:
    constexpr explicit Next(const char* name) noexcept : name_(name) {}

    /// Lets `next_open(path, flags)` read like a plain call.
    operator Function*() noexcept {
        // sync next.find -> next.keep: every thread finds the same address, so no order is needed.
        void* found = symbol_.load(std::memory_order_relaxed);
        return reinterpret_cast<Function*>(found != nullptr ? found : find());
    }

private:
    void* find() noexcept {
        void* found = dlsym(RTLD_NEXT, name_);
        if (found == nullptr) {
            std::abort();
        }
        // sync next.keep -> next.find: a repeated search stores the same value.
        symbol_.store(found, std::memory_order_relaxed);
        return found;
    }

    const char* name_;
    std::atomic<void*> symbol_ = nullptr;
};

}  // namespace vmbus::host::face
