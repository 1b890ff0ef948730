#include "support/hugepages.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "base/unique_fd.hpp"

namespace vmbus::test {
namespace {

/// Held while it lives, by one test program of the machine at a time.
base::UniqueFd lock() {
    const auto path = std::filesystem::temp_directory_path() / "vmbus-test-hugepages.lock";
    base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0666));
    if (file) {
        ::flock(file.get(), LOCK_EX);
    }
    return file;
}

long read_number(const std::string& path) {
    long number = 0;
    std::ifstream(path) >> number;
    return number;
}

}  // namespace

Hugepages::Hugepages(unsigned pages, std::string number) : number_(std::move(number)) {
    added_ = add(pages);
    if (added_ < static_cast<long>(pages)) {
        add(-std::exchange(added_, 0));
    }
}

Hugepages::~Hugepages() {
    add(-added_);
}

long Hugepages::add(long pages) const {
    const base::UniqueFd alone = lock();
    const long before = read_number(number_);
    std::ofstream(number_) << before + pages;
    return read_number(number_) - before;
}

}  // namespace vmbus::test
