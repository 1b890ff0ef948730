// A word with the accessors of base::Shared that lives in a model machine. The ring's own source
// is instantiated on it; where an access stands in that source tells it from others of its kind.
#pragma once

#include <cstdint>
#include <string_view>

#include "model_machine.hpp"

namespace vmbus::model {

template <class T>
class ModelWord {
public:
    ModelWord() : ModelWord("done", 0) {}
    explicit ModelWord(T initial) : ModelWord({}, initial) {}
    ModelWord(std::string_view name, T initial)
        : machine_(&Machine::active()), word_(machine_->add_word(name, initial)) {}
    ModelWord(const ModelWord&) = delete;
    ModelWord& operator=(const ModelWord&) = delete;

    std::size_t index() const noexcept { return word_; }

    T load_relaxed(Where w = Where::here()) const { return load(Order::kRelaxed, w); }
    T load_acquire(Where w = Where::here()) const { return load(Order::kAcquire, w); }
    T load_seq_cst(Where w = Where::here()) const { return load(Order::kSeqCst, w); }
    void store_relaxed(T v, Where w = Where::here()) { store(v, Order::kRelaxed, w); }
    void store_release(T v, Where w = Where::here()) { store(v, Order::kRelease, w); }
    void store_seq_cst(T v, Where w = Where::here()) { store(v, Order::kSeqCst, w); }
    T exchange_seq_cst(T v, Where w = Where::here()) {
        return static_cast<T>(machine_->modify(word_, 0, v, Order::kSeqCst, w));
    }
    T fetch_or_seq_cst(T v, Where w = Where::here()) {
        return static_cast<T>(machine_->modify(word_, ~std::uint64_t{0}, v, Order::kSeqCst, w));
    }
    T fetch_and_seq_cst(T v, Where w = Where::here()) {
        return static_cast<T>(machine_->modify(word_, v, 0, Order::kSeqCst, w));
    }
    bool compare_exchange_weak_acq_rel(T& expected, T desired, Where w = Where::here()) {
        std::uint64_t found = expected;
        const bool done = machine_->compare_exchange(word_, found, desired, Order::kAcqRel, w);
        expected = static_cast<T>(found);
        return done;
    }

private:
    T load(Order order, const Where& where) const {
        return static_cast<T>(machine_->load(word_, order, where));
    }
    void store(T value, Order order, const Where& where) {
        machine_->store(word_, value, order, where);
    }

    Machine* machine_;
    std::size_t word_;
};

}  // namespace vmbus::model
