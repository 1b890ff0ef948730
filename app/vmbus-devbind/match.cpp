#include "match.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace vmbus::devbind {
namespace {

/// The hex digits of a word that has nothing else but separators; nothing of another word.
std::optional<std::string> hex_digits(const std::string& word) {
    std::string digits;
    for (const char c : word) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isxdigit(byte) != 0) {
            digits += static_cast<char>(std::tolower(byte));
        } else if (std::string_view(":-{}").find(c) == std::string_view::npos) {
            return std::nullopt;
        }
    }
    return digits;
}

template <class Fits>
std::vector<std::size_t> those(const std::vector<Nic>& nics, Fits fits) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < nics.size(); ++i) {
        if (fits(nics[i])) {
            found.push_back(i);
        }
    }
    return found;
}

}  // namespace

std::vector<std::size_t> matching(const std::vector<Nic>& nics, const std::string& word) {
    auto found = those(nics, [&](const Nic& nic) { return !word.empty() && nic.ifname == word; });
    if (found.empty()) {  // what `restore eth1` means
        found = those(nics, [&](const Nic& nic) {
            return !word.empty() && nic.ifname.empty() && nic.earlier_ifname == word;
        });
    }
    const auto digits = hex_digits(word);
    if (!found.empty() || !digits || digits->size() < kShortestPrefix) {
        return found;
    }
    return those(nics, [&](const Nic& nic) {
        return hex_digits(nic.uuid)->starts_with(*digits) ||
               hex_digits(nic.mac).value_or("").starts_with(*digits);
    });
}

}  // namespace vmbus::devbind
