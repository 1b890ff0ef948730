#include "tree.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace vmbus::devbind {

namespace fs = std::filesystem;

Tree::Tree(std::string root) : root_(std::move(root)) {
    while (root_.size() > 1 && root_.back() == '/') {
        root_.pop_back();
    }
    if (root_ == "/") {
        root_.clear();
    }
    std::error_code ignored;
    has_sys_ = root_.empty() || fs::exists(root_ + "/sys", ignored);
}

std::string Tree::path(std::string_view name) const {
    constexpr std::string_view kSys = "/sys/";
    if (!has_sys_ && name.starts_with(kSys)) {
        name.remove_prefix(kSys.size() - 1);
    }
    return root_ + std::string(name);
}

std::optional<std::string> Tree::text(std::string_view name) const {
    std::ifstream file(path(name));
    std::ostringstream text;
    if (!file) {
        return std::nullopt;
    }
    text << file.rdbuf();
    return text.str();
}

std::string Tree::line(std::string_view name) const {
    std::ifstream file(path(name));
    std::string line;
    std::getline(file, line);
    return line;
}

std::vector<std::string> Tree::list(std::string_view name) const {
    std::vector<std::string> names;
    std::error_code error;
    // By hand: things vanish from sysfs while one looks at it.
    for (fs::directory_iterator at(path(name), error), end; !error && at != end;
         at.increment(error)) {
        names.push_back(at->path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::string Tree::link(std::string_view name) const {
    std::error_code error;
    const auto target = fs::read_symlink(path(name), error);
    return error ? std::string() : target.filename().string();
}

bool Tree::exists(std::string_view name) const {
    std::error_code error;
    return fs::exists(path(name), error);
}

int Tree::write_obstacle(std::string_view name) const {
    return ::access(path(name).c_str(), W_OK) == 0 ? 0 : errno;
}

}  // namespace vmbus::devbind
