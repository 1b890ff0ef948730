#include "base/wait.hpp"

#include <cstdint>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace vmbus::base {
namespace {

#if defined(__x86_64__)

/// CPUID leaf 7 (Intel SDM, UMWAIT): a hypervisor that traps the instruction hides the bit.
bool cpu_has_waitpkg() noexcept {
    constexpr unsigned kWaitpkg = 1U << 5;
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (ecx & kWaitpkg) != 0;
}

// Constant after the library is loaded; false before: then a doze is a pause.
const bool can_watch = cpu_has_waitpkg();

/// The limit in ticks of the time-stamp counter, also that of Linux: the line may be watched in
/// vain when the thread was moved to another core in between.
constexpr std::uint64_t kDozeTicks = 100'000;
/// C0.1: wakes sooner than C0.2.
constexpr unsigned kLightSleep = 1;

[[gnu::target("waitpkg")]] void arm_monitor(const void* word) noexcept {
    _umonitor(const_cast<void*>(word));
}
[[gnu::target("waitpkg")]] void sleep_on_monitor() noexcept {
    _umwait(kLightSleep, __builtin_ia32_rdtsc() + kDozeTicks);
}

#elif defined(__aarch64__)

/// Linux wakes every core 10000 times a second: without that a lost monitor could hold us for long.
const bool can_watch = (getauxval(AT_HWCAP) & HWCAP_EVTSTRM) != 0;

/// The reservation has at least 16 bytes (Arm ARM, B2.9.3), so a byte stands for its word. Acquire:
/// the look at the word comes after the watch on it.
void arm_monitor(const void* word) noexcept {
    std::uint32_t ignored;
    asm volatile("ldaxrb %w0, [%1]" : "=r"(ignored) : "r"(word) : "memory");
}
void sleep_on_monitor() noexcept {
    asm volatile("wfe" ::: "memory");
}

#else

constexpr bool can_watch = false;
void arm_monitor(const void*) noexcept {}
void sleep_on_monitor() noexcept {}

#endif

}  // namespace

void watch(const void* word) noexcept {
    if (can_watch) {
        arm_monitor(word);
    }
}

void doze() noexcept {
    if (can_watch) {
        sleep_on_monitor();
    } else {
        cpu_pause();
    }
}

}  // namespace vmbus::base
