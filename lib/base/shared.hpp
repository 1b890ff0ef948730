// Shared<T>: the only door to a word that somebody else changes under us.
// There is no copy and no implicit read, so a plain access does not compile; each access names
// its order, and the caller names its partner in a `sync` comment (docs/memory-model.md).
// It is a plain integer inside: a mapped page may be viewed as a struct of Shared words.
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

namespace vmbus::base {

template <class T>
class Shared {
    static_assert(std::is_integral_v<T> && std::atomic_ref<T>::is_always_lock_free,
                  "the other side knows nothing of our locks");
    static_assert(std::atomic_ref<T>::required_alignment == alignof(T),
                  "a natural alignment must be enough: the peer chose the offsets");

public:
    using value_type = T;

    Shared() = default;
    constexpr explicit Shared(T initial) noexcept : value_(initial) {}
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

    T load_relaxed() const noexcept { return ref().load(std::memory_order_relaxed); }
    T load_acquire() const noexcept { return ref().load(std::memory_order_acquire); }
    T load_seq_cst() const noexcept { return ref().load(std::memory_order_seq_cst); }

    void store_relaxed(T v) noexcept { ref().store(v, std::memory_order_relaxed); }
    void store_release(T v) noexcept { ref().store(v, std::memory_order_release); }
    void store_seq_cst(T v) noexcept { ref().store(v, std::memory_order_seq_cst); }

    T exchange_acquire(T v) noexcept { return ref().exchange(v, std::memory_order_acquire); }
    T exchange_seq_cst(T v) noexcept { return ref().exchange(v, std::memory_order_seq_cst); }
    T fetch_or_seq_cst(T v) noexcept { return ref().fetch_or(v, std::memory_order_seq_cst); }
    T fetch_and_seq_cst(T v) noexcept { return ref().fetch_and(v, std::memory_order_seq_cst); }

    /// Weak: may fail without a reason; `expected` then holds what was seen.
    bool compare_exchange_weak_relaxed(T& expected, T desired) noexcept {
        return ref().compare_exchange_weak(expected, desired, std::memory_order_relaxed,
                                           std::memory_order_relaxed);
    }
    bool compare_exchange_weak_acq_rel(T& expected, T desired) noexcept {
        return ref().compare_exchange_weak(expected, desired, std::memory_order_acq_rel,
                                           std::memory_order_acquire);
    }
    bool compare_exchange_weak_seq_cst(T& expected, T desired) noexcept {
        return ref().compare_exchange_weak(expected, desired, std::memory_order_seq_cst,
                                           std::memory_order_seq_cst);
    }

private:
    // atomic_ref wants a non-const object even to read it; the word is never in read-only memory
    // that the language knows of.
    std::atomic_ref<T> ref() const noexcept { return std::atomic_ref<T>(const_cast<T&>(value_)); }

    T value_;
};

/// Tells the CPU that this is a spin: cheaper for the sibling thread and for power.
inline void cpu_pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");  // longer than `yield`, which most cores treat as a no-op
#endif
}

}  // namespace vmbus::base
