#include "bus/vmbus/sysfs.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>

#include "base/unique_fd.hpp"

namespace vmbus::bus::sysfs {

namespace {

template <class T>
std::optional<T> parse_whole(std::string_view text, int base) noexcept {
    T value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    return error == std::errc{} && stop == end ? std::optional(value) : std::nullopt;
}

struct CloseDirectory {
    void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

}  // namespace

bool exists(const std::string& path) noexcept {
    return ::access(path.c_str(), F_OK) == 0;
}

base::Result<std::string> read_line(const std::string& path) noexcept {
    using Answer = base::Result<std::string>;
    const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) {
        return Answer::error(errno);
    }
    std::array<char, 256> buffer{};
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0) {
        return Answer::error(errno);
    }
    const std::string_view text(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() == buffer.size() && text.find('\n') == std::string_view::npos) {
        return Answer::error(EFBIG);
    }
    return std::string(text.substr(0, text.find('\n')));
}

base::Result<std::int64_t> read_number(const std::string& path) noexcept {
    using Answer = base::Result<std::int64_t>;
    const auto line = read_line(path);
    if (!line) {
        return Answer::error(line.error());
    }
    const std::string_view text = line.value();
    const auto number = text.starts_with("0x") ? parse_whole<std::int64_t>(text.substr(2), 16)
                                               : parse_whole<std::int64_t>(text, 10);
    return number ? Answer(*number) : Answer::error(EINVAL);
}

base::Result<wire::Guid> read_guid(const std::string& path) noexcept {
    using Answer = base::Result<wire::Guid>;
    const auto line = read_line(path);
    if (!line) {
        return Answer::error(line.error());
    }
    const auto guid = wire::parse_guid(line.value());
    return guid ? Answer(*guid) : Answer::error(EINVAL);
}

base::Result<std::vector<std::string>> list(const std::string& directory) noexcept {
    using Answer = base::Result<std::vector<std::string>>;
    const std::unique_ptr<DIR, CloseDirectory> open_directory(::opendir(directory.c_str()));
    if (!open_directory) {
        return Answer::error(errno);
    }
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(open_directory.get())) {
        if (entry->d_name[0] != '.') {
            names.emplace_back(entry->d_name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::optional<int> uio_number(const std::string& device_directory) noexcept {
    const auto names = list(device_directory + "/uio");
    if (!names) {
        return std::nullopt;
    }
    for (const std::string_view name : names.value()) {
        if (const auto number =
                name.starts_with("uio") ? parse_whole<unsigned>(name.substr(3), 10) : std::nullopt;
            number && *number <= INT32_MAX) {
            return static_cast<int>(*number);
        }
    }
    return std::nullopt;
}

}  // namespace vmbus::bus::sysfs
