#include "host/pcap_reader.hpp"

#include <pcap/pcap.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "host/frame_queue.hpp"

namespace vmbus::host {
namespace {

constexpr std::size_t kShortestFrame = 14;
/// It is held in memory.
constexpr off_t kLargestFile = off_t{1} << 30;

struct CloseFile {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
struct ClosePcap {
    void operator()(pcap_t* pcap) const noexcept { pcap_close(pcap); }
};

std::string number(std::size_t value) {
    return std::to_string(value);
}

}  // namespace

class PcapLoader {
public:
    explicit PcapLoader(const std::string& file) : file_(file) {}

    std::optional<PcapFrames> result(std::string& why) {
        if (open() && read_all()) {
            return std::move(frames_);
        }
        why = file_ + ": " + reason_;
        return std::nullopt;
    }

private:
    bool refuse(std::string reason) {
        reason_ = std::move(reason);
        return false;
    }

    bool open() {
        struct stat state {};
        // A pipe would block, and a name such as "-" must mean a file as any other.
        if (::stat(file_.c_str(), &state) != 0) return refuse(std::strerror(errno));
        if (!S_ISREG(state.st_mode)) return refuse("not a regular file");
        if (state.st_size > kLargestFile) return refuse("larger than 1 GiB");
        std::unique_ptr<std::FILE, CloseFile> stream(std::fopen(file_.c_str(), "rbe"));
        if (!stream) return refuse(std::strerror(errno));
        frames_.bytes_.reserve(static_cast<std::size_t>(state.st_size));
        return open_pcap(std::move(stream));
    }

    bool open_pcap(std::unique_ptr<std::FILE, CloseFile> stream) {
        std::array<char, PCAP_ERRBUF_SIZE> error{};
        pcap_.reset(pcap_fopen_offline(stream.get(), error.data()));
        if (!pcap_) return refuse(error.data());
        static_cast<void>(stream.release());  // closed with pcap_
        if (pcap_datalink(pcap_.get()) != DLT_EN10MB) {
            const char* const name = pcap_datalink_val_to_name(pcap_datalink(pcap_.get()));
            return refuse(std::string("link type ") + (name == nullptr ? "unknown" : name) +
                          ", not Ethernet");
        }
        return true;
    }

    bool read_all() {
        pcap_pkthdr* header = nullptr;
        const u_char* data = nullptr;
        int got = 0;
        while ((got = pcap_next_ex(pcap_.get(), &header, &data)) == 1) {
            if (!add(*header, data)) {
                return false;
            }
        }
        return got == PCAP_ERROR_BREAK || refuse(pcap_geterr(pcap_.get()));
    }

    bool add(const pcap_pkthdr& header, const u_char* data) {
        const std::string which = "frame " + number(frames_.size() + 1);
        if (header.caplen != header.len) {
            return refuse(which + " is cut off: " + number(header.caplen) + " of " +
                          number(header.len) + " bytes");
        }
        if (header.len < kShortestFrame || header.len > FrameQueue::kLongestFrame) {
            return refuse(which + " has " + number(header.len) + " bytes: must be " +
                          number(kShortestFrame) + " to " + number(FrameQueue::kLongestFrame));
        }
        const auto* const bytes = reinterpret_cast<const std::byte*>(data);
        frames_.bytes_.insert(frames_.bytes_.end(), bytes, bytes + header.caplen);
        frames_.ends_.push_back(frames_.bytes_.size());
        return true;
    }

    const std::string& file_;
    std::unique_ptr<pcap_t, ClosePcap> pcap_;
    PcapFrames frames_;
    std::string reason_;
};

std::optional<PcapFrames> PcapFrames::load(const std::string& file, std::string& why) {
    return PcapLoader(file).result(why);
}

base::Bytes PcapFrames::operator[](std::size_t index) const noexcept {
    const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
    return base::Bytes(bytes_).subspan(begin, ends_[index] - begin);
}

}  // namespace vmbus::host
