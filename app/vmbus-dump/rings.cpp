#include "rings.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "base/mapping.hpp"
#include "base/unique_fd.hpp"
#include "ring/geometry.hpp"
#include "wire/packet.hpp"
#include "wire/ring_page.hpp"

namespace vmbus::dump {
namespace {

namespace fs = std::filesystem;

struct Indices {
    std::uint32_t in = 0;
    std::uint32_t out = 0;
};

/// The packets of one ring's data, found from the end by their footers.
class History {
public:
    explicit History(base::Bytes data)
        : data_(data), geometry_(static_cast<std::uint32_t>(data.size())) {}

    struct Found {
        std::uint32_t start;
        std::vector<std::byte> bytes;
    };
    /// The packet that ends at `end`, when footer and descriptor agree about it.
    std::optional<Found> before(std::uint32_t end) const {
        const auto size = static_cast<std::uint32_t>(data_.size());
        const auto footer = copy((end + size - kFooter) % size, kFooter);
        const auto start = base::load_at<wire::PacketFooter>(footer, 0).start;
        if (!geometry_.valid_index(start)) {
            return std::nullopt;
        }
        const auto head = copy(start, sizeof(wire::PacketDescriptor));
        const std::uint32_t length =
            base::load_at<wire::PacketDescriptor>(head, 0).length8 * std::uint32_t{8};
        const std::uint32_t between = (end + size - start) % size;
        if (length < sizeof(wire::PacketDescriptor) || between != length + kFooter) {
            return std::nullopt;
        }
        return Found{start, copy(start, length)};
    }

private:
    static constexpr std::uint32_t kFooter = sizeof(wire::PacketFooter);

    std::vector<std::byte> copy(std::uint32_t at, std::uint32_t bytes) const {
        std::vector<std::byte> out(bytes);
        for (std::uint32_t i = 0; i < bytes; ++i) {
            out[i] = data_[(at + i) % data_.size()];
        }
        return out;
    }

    base::Bytes data_;
    ring::Geometry geometry_;
};

/// Whether [start, end) lies in what the reader has not released, [out, in).
bool unread(std::uint32_t start, const Indices& indices, std::uint32_t size) {
    const std::uint32_t waiting = (indices.in + size - indices.out) % size;
    return (start + size - indices.out) % size < waiting;
}

void add_history(base::Bytes data, const Indices& indices, std::size_t most, Lines& lines) {
    const History history(data);
    const auto size = static_cast<std::uint32_t>(data.size());
    std::uint32_t end = indices.in;
    std::uint32_t covered = 0;
    for (std::size_t i = 0; i < most; ++i) {
        const auto packet = history.before(end);
        covered += packet ? (end + size - packet->start) % size : 0;
        if (!packet || covered > size) {
            return;  // never written, overwritten since, or once around
        }
        const auto words = packet_words(packet->bytes, {});
        const bool waits = unread(packet->start, indices, size);
        for (std::size_t line = 0; line < words.size(); ++line) {
            const auto mark = line > 0 ? std::string(10, ' ')
                                       : fmt::format("{}{:>8} ", waits ? '*' : ' ', packet->start);
            lines.push_back(fmt::format("    {}{}", mark, words[line]));
        }
        end = packet->start;
    }
}

Lines indented(const Lines& lines) {
    Lines out;
    for (const std::string& line : lines) {
        out.push_back("  " + line);
    }
    return out;
}

void append(const Lines& more, Lines& lines) {
    lines.insert(lines.end(), more.begin(), more.end());
}

std::vector<std::string> entries_of(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

Lines ring_words(base::Bytes half, std::size_t history) {
    const std::vector<std::byte> snapshot(half.begin(), half.end());
    if (snapshot.size() <= sizeof(wire::RingPage)) {
        return {fmt::format("{} bytes: no ring", snapshot.size())};
    }
    const auto word = [&](std::size_t offset) {
        return base::load_at<std::uint32_t>(snapshot, offset);
    };
    const Indices indices{word(offsetof(wire::RingPage, in)), word(offsetof(wire::RingPage, out))};
    const auto data = base::Bytes(snapshot).subspan(sizeof(wire::RingPage));
    const auto size = static_cast<std::uint32_t>(data.size());
    Lines lines{fmt::format("in {} out {} of {}, mask {}, pending {}, features 0x{:x}", indices.in,
                            indices.out, size, word(offsetof(wire::RingPage, interrupt_mask)),
                            word(offsetof(wire::RingPage, pending_send_size)),
                            word(offsetof(wire::RingPage, feature_bits)))};
    const ring::Geometry geometry(size);
    if (!geometry.valid_index(indices.in) || !geometry.valid_index(indices.out)) {
        lines.push_back("    an index is none");
        return lines;
    }
    lines.front() += fmt::format(", {} bytes wait", (indices.in + size - indices.out) % size);
    add_history(data, indices, history, lines);
    return lines;
}

bool add_ring_file(const std::string& file, std::size_t history, Lines& lines, std::string& why) {
    const base::UniqueFd fd(::open(file.c_str(), O_RDWR | O_CLOEXEC));
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0 || info.st_size <= 0) {
        why = fmt::format("{}: {}", file, std::strerror(!fd || errno != 0 ? errno : EINVAL));
        return false;
    }
    const auto mapping =
        base::Mapping::map_shared(fd.get(), static_cast<std::size_t>(info.st_size));
    if (!mapping) {
        why = fmt::format("{}: {}", file, std::strerror(mapping.error()));
        return false;
    }
    const std::size_t half = mapping.value().size() / 2;
    const base::Bytes bytes = mapping.value().bytes();
    const auto to_host = indented(ring_words(bytes.first(half), history));
    const auto to_guest = indented(ring_words(bytes.subspan(half), history));
    lines.push_back("guest to host:");
    append(to_host, lines);
    lines.push_back("host to guest:");
    append(to_guest, lines);
    return true;
}

bool add_devices(const std::string& devices, std::size_t history, Lines& lines, std::string& why) {
    bool found = false;
    for (const std::string& device : entries_of(devices)) {
        const fs::path channels = fs::path(devices) / device / "channels";
        for (const std::string& relid : entries_of(channels)) {
            const fs::path ring = channels / relid / "ring";
            std::error_code error;
            if (!fs::exists(ring, error)) {
                continue;
            }
            found = true;
            lines.push_back(fmt::format("device {} channel {}", device, relid));
            Lines rings;
            if (!add_ring_file(ring, history, rings, why)) {
                return false;
            }
            append(indented(rings), lines);
        }
    }
    if (!found) {
        why = devices + ": no device with a ring";
    }
    return found;
}

}  // namespace vmbus::dump
