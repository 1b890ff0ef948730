// Hugepages for as long as a test needs them. The kernel has one number for the machine, and test
// programs may run side by side: each adds its own to what is there and takes back no more than
// that, one at a time.
#pragma once

#include <string>

namespace vmbus::test {

class Hugepages {
public:
    explicit Hugepages(unsigned pages) : Hugepages(pages, "/proc/sys/vm/nr_hugepages") {}
    /// With another file for the kernel's number.
    Hugepages(unsigned pages, std::string number);
    Hugepages(const Hugepages&) = delete;
    Hugepages& operator=(const Hugepages&) = delete;
    ~Hugepages();

    /// All of them. Otherwise none.
    bool reserved() const { return added_ != 0; }

private:
    /// The number becomes that much more, as far as the kernel does it: how much that was.
    long add(long pages) const;

    const std::string number_;
    long added_ = 0;
};

}  // namespace vmbus::test
