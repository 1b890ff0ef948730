// Bytes of a ring -> BasicPacketView, with every accessor used. The memory underneath ends the run
// when a byte outside what is available is read, which a flat ring would not notice.
// Input: u16 start in units of 8, u8 strict footer, then what lies between the indices.
#include <algorithm>
#include <array>
#include <vector>

#include "fuzz_input.hpp"
#include "ring/packet_view.hpp"

namespace {

using namespace vmbus;
using fuzz::require;

constexpr std::uint32_t kSize = 4096;

class GuardedRing {
public:
    using Word64 = base::Shared<std::uint64_t>;

    GuardedRing(std::uint32_t start, base::Bytes bytes)
        : start_(start), available_(static_cast<std::uint32_t>(bytes.size())) {
        for (std::uint32_t i = 0; i < available_; ++i) {
            data_[(start_ + i) % kSize] = bytes[i];
        }
    }
    std::uint32_t size() const { return kSize; }
    std::uint32_t available() const { return available_; }
    int page() const { return 0; }
    void copy_in(std::uint32_t /*at*/, base::Bytes /*bytes*/) const { require(false); }
    void copy_out(std::uint32_t at, base::MutableBytes to) const {
        require(at < kSize);
        const std::uint32_t offset = (at + kSize - start_) % kSize;
        require(offset <= available_ && to.size() <= available_ - offset);
        for (std::size_t i = 0; i < to.size(); ++i) {
            to[i] = data_[(at + i) % kSize];
        }
    }

private:
    std::array<std::byte, kSize> data_{};
    std::uint32_t start_;
    std::uint32_t available_;
};
static_assert(ring::RingMemory<GuardedRing>);

using View = ring::BasicPacketView<GuardedRing>;

void use_payload(const View& view) {
    std::vector<std::byte> payload(view.payload_size());
    require(view.copy_payload(0, payload));
    payload.resize(payload.size() + 1);
    require(!view.copy_payload(0, payload));
    require(!view.copy_payload(view.payload_size() + 1, {}));
    require(view.copy_payload(view.payload_size(), {}));
    require(view.payload<std::uint64_t>().has_value() == (view.payload_size() >= 8));
}

void use_ranges(const View& view) {
    if (view.type() == wire::PacketType::kTransferPages) {
        for (std::uint32_t i = 0; i < view.range_count(); ++i) {
            view.transfer_range(i);
        }
    } else if (view.type() == wire::PacketType::kGpaDirect) {
        require(view.range_count() > 0);
        std::vector<std::byte> list(view.gpa_list_size());
        require(view.copy_gpa_list(0, list));
        list.resize(list.size() + 1);
        require(!view.copy_gpa_list(0, list));
    } else {
        require(view.range_count() == 0);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::uint32_t start = input.take<std::uint16_t>() * 8U % kSize;
    const bool strict = (input.take<std::uint8_t>() & 1U) != 0;
    const std::size_t used =
        std::min<std::size_t>(input.rest().size() & ~std::size_t{7}, kSize - 8);
    const GuardedRing memory(start, input.rest().first(used));

    View view;
    const auto error = view.parse(memory, start, memory.available(),
                                  strict ? ring::FooterCheck::kStrict : ring::FooterCheck::kIgnore);
    if (error != ring::PacketError::kNone) {
        require(ring::to_string(error) != nullptr);
        return 0;
    }
    require(view.ring_bytes() >= ring::kMinPacketBytes && view.ring_bytes() <= used);
    require(view.payload_size() <= view.ring_bytes());
    use_payload(view);
    use_ranges(view);
    return 0;
}
