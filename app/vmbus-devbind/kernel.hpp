// The one door through which the kernel is changed, and its clock. Tests play the other side.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "tree.hpp"

namespace vmbus::devbind {

class Kernel {
public:
    Kernel() = default;
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;
    virtual ~Kernel() = default;

    /// One write() to an attribute of sysfs. 0, or the errno with which the kernel refuses.
    virtual int write(const std::string& name, std::string_view text) = 0;
    /// 0, or an errno; then the loader has said why.
    virtual int load_module(const std::string& name) = 0;

    virtual std::chrono::milliseconds now() = 0;
    /// Lets a moment pass.
    virtual void pause() = 0;
    /// The user, or the end of the session, wants us to stop.
    virtual bool stop_wanted() = 0;
};

/// The kernel of the tree. SIGINT, SIGTERM and SIGHUP become stop_wanted() while one lives.
class LiveKernel final : public Kernel {
public:
    explicit LiveKernel(const Tree& tree);

    int write(const std::string& name, std::string_view text) override;
    int load_module(const std::string& name) override;
    std::chrono::milliseconds now() override;
    void pause() override;
    bool stop_wanted() override;

private:
    const Tree& tree_;
};

}  // namespace vmbus::devbind
