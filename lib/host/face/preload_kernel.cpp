// Interposed: what the kernel calls itself, for programs that decide by it what it can.
// (Symbols by asm label: see preload_open.cpp.)

#include <sys/utsname.h>

#include <array>
#include <cstring>

#include "host/face/preload_next.hpp"
#include "host/face/preload_told.hpp"
#include "host/face/protocol.hpp"

namespace vmbus::host::face {
namespace {

constinit Next<int(utsname*)> next_uname{"uname"};

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

int face_uname(utsname* names) asm("uname");

int face_uname(utsname* names) {
    const int result = next_uname(names);
    std::array<char, sizeof(names->release)> told;
    if (result == 0 && read_told(kKernelRelease, told)) {
        told[std::strcspn(told.data(), "\n")] = '\0';
        std::memcpy(static_cast<void*>(names->release), told.data(), told.size());
    }
    return result;
}

}  // extern "C"
#pragma GCC visibility pop

}  // namespace vmbus::host::face
