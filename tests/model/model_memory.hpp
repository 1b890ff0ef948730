// The RingMemory of the model: a control page of model words and ring bytes that know races.
#pragma once

#include <cstdint>

#include "model_word.hpp"
#include "ring/memory.hpp"

namespace vmbus::model {

struct ModelPage {
    ModelWord<std::uint32_t> in{"in", 0};
    ModelWord<std::uint32_t> out{"out", 0};
    ModelWord<std::uint32_t> interrupt_mask{"mask", 0};
    ModelWord<std::uint32_t> pending_send_size{"pending", 0};
};

class ModelMemory {
public:
    using Word64 = ModelWord<std::uint64_t>;

    ModelMemory(ModelPage& page, Machine& machine) noexcept : page_(&page), machine_(&machine) {}

    ModelPage& page() const noexcept { return *page_; }
    std::uint32_t size() const noexcept { return machine_->ring_bytes(); }
    void copy_in(std::uint32_t at, base::Bytes bytes) const { machine_->copy_in(at, bytes); }
    void copy_out(std::uint32_t at, base::MutableBytes bytes) const {
        machine_->copy_out(at, bytes);
    }

private:
    ModelPage* page_;
    Machine* machine_;
};
static_assert(ring::RingMemory<ModelMemory>);

}  // namespace vmbus::model
