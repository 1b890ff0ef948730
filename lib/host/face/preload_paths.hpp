// Which paths of the guest belong to the emulated kernel, and where they lie below VMBUS_FACE_ROOT.
//
// Part of the preload library, any thread. Only absolute paths in their plain form are recognised
// ("/sys//bus" is not): drivers build them from fixed strings. Paths relative to a directory of the
// tree need no help.

#pragma once

#include <array>
#include <climits>

namespace vmbus::host::face {

/// The private folder of the host, canonical, without a slash at the end; nullptr: stay out of the
/// way.
const char* root() noexcept;

class Redirect {
public:
    enum class Kind {
        kUnrelated,
        kTree,     // an ordinary file or directory below the root
        kDevice,   // /dev/uioN; path() is the host's socket
        kPagemap,  // this process's own /proc/PID/pagemap; path() is unchanged
    };

    explicit Redirect(const char* path) noexcept;

    Redirect(const Redirect&) = delete;
    Redirect& operator=(const Redirect&) = delete;

    Kind kind() const noexcept { return kind_; }
    const char* path() const noexcept { return path_; }
    /// Requires: kind() is kDevice.
    unsigned number() const noexcept { return number_; }

private:
    bool try_device(const char* path) noexcept;
    bool build(const char* path, const char* suffix) noexcept;

    const char* path_;
    Kind kind_ = Kind::kUnrelated;
    unsigned number_ = 0;
    std::array<char, PATH_MAX> buffer_;  // written only when the path is redirected
};

/// Takes the root off the front of an absolute path, in place.
char* strip_root(char* path) noexcept;

}  // namespace vmbus::host::face
