#include "model_machine.hpp"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace vmbus::model {
namespace {

constexpr std::string_view kWriterWords[] = {"reserved", "cached_out", "committed", "publishing"};

bool acquires(Order order) noexcept {
    return order != Order::kRelaxed && order != Order::kRelease;
}
bool releases(Order order) noexcept {
    return order != Order::kRelaxed && order != Order::kAcquire;
}

}  // namespace

Machine* Machine::active_ = nullptr;

void View::join(const View& other) noexcept {
    for (std::size_t i = 0; i < seen.size(); ++i) seen[i] = std::max(seen[i], other.seen[i]);
    for (std::size_t i = 0; i < clock.size(); ++i) clock[i] = std::max(clock[i], other.clock[i]);
}

std::uint64_t View::hash() const noexcept {
    std::uint64_t hash = 0;
    for (const auto value : seen) hash = mix(hash, value);
    for (const auto value : clock) hash = mix(hash, value);
    return hash;
}

Machine::Machine(Strength strength, std::uint32_t ring_bytes, const Weakening* weakening)
    : strength_(strength), weakening_(weakening), data_(ring_bytes), cells_(ring_bytes / 8) {
    active_ = this;
    words_.reserve(kMaxWords);
    for (std::size_t i = 0; i < kMaxThreads; ++i) threads_[i].view.clock[i] = 1;
}

std::size_t Machine::add_word(std::string_view name, std::uint64_t value) {
    assert(words_.size() < kMaxWords);
    if (name.empty()) name = kWriterWords[unnamed_++];
    words_.push_back({name, {{value, View{}}}});
    words_.back().history.reserve(16);
    return words_.size() - 1;
}

Order Machine::effective(std::size_t word, Operation operation, Order order,
                         const Where& where) const {
    const bool weakened = weakening_ != nullptr && weakening_->word == words_[word].name &&
                          weakening_->operation == operation && weakening_->from == order &&
                          weakening_->function == where.function;
    return weakened ? weakening_->to : order;
}

/// A load that repeats the last one saw too little: some day it sees something newer.
std::size_t Machine::oldest_readable(std::size_t word, Order order, const Where& where) {
    if (me().spin_word == word && me().spin_line == where.line) {
        if (!has_newer(word, me().spin_message)) {
            Scheduler::active().await_newer(word, me().spin_message);
        }
        return std::max<std::size_t>(me().spin_message + 1, me().view.seen[word]);
    }
    const std::size_t known = me().view.seen[word];
    return order == Order::kSeqCst ? std::max(known, words_[word].last_seq_cst) : known;
}

std::uint64_t Machine::load(std::size_t word, Order order, const Where& where) {
    Scheduler& scheduler = Scheduler::active();
    scheduler.step();
    order = effective(word, Operation::kLoad, order, where);
    const auto& buffer = me().buffer;
    const auto mine = std::find_if(buffer.rbegin(), buffer.rend(),
                                   [word](const auto& store) { return store.word == word; });
    if (mine != buffer.rend()) {
        me().spin_word = SIZE_MAX;
        scheduler.observe(mine->message.value);
        return mine->message.value;
    }
    const std::size_t oldest = oldest_readable(word, order, where);
    const std::size_t latest = words_[word].history.size() - 1;
    std::size_t index = latest;
    if (strength_ == Strength::kWeak) {
        index -= scheduler.choose(latest - oldest + 1, word + 1);
    }
    const Message& message = words_[word].history[index];
    Thread& thread = me();
    thread.view.seen[word] = static_cast<std::uint16_t>(index);
    if (acquires(order) || strength_ == Strength::kTso) thread.view.join(message.view);
    thread.spin_word = word;
    thread.spin_line = where.line;
    thread.spin_message = index;
    scheduler.observe(message.value);
    return message.value;
}

/// What a store of this thread hands on; then the thread's clock ticks.
View Machine::released(std::size_t word, Order order) {
    Thread& thread = me();
    View view{};
    if (releases(order) || strength_ == Strength::kTso) {
        view = thread.view;
        ++thread.view.clock[Scheduler::active().self()];
    }
    view.seen[word] = static_cast<std::uint16_t>(words_[word].history.size());
    return view;
}

void Machine::append(std::size_t thread, std::size_t word, const Message& message) {
    Word& target = words_[word];
    threads_[thread].view.seen[word] = static_cast<std::uint16_t>(target.history.size());
    ++threads_[thread].stores;
    target.history.push_back(message);
    target.hash = mix(mix(target.hash, message.value), message.view.hash());
}

void Machine::store(std::size_t word, std::uint64_t value, Order order, const Where& where) {
    Scheduler& scheduler = Scheduler::active();
    scheduler.step();
    order = effective(word, Operation::kStore, order, where);
    me().spin_word = SIZE_MAX;
    scheduler.observe(value);
    if (strength_ == Strength::kTso && order != Order::kSeqCst) {
        me().buffer.push_back({word, {value, released(word, order)}});
        return;
    }
    flush_all(scheduler.self());
    append(scheduler.self(), word, {value, released(word, order)});
    if (order == Order::kSeqCst) words_[word].last_seq_cst = words_[word].history.size() - 1;
}

const Machine::Message& Machine::read_latest(std::size_t word, Order order) {
    flush_all(Scheduler::active().self());
    me().spin_word = SIZE_MAX;
    const Message& latest = words_[word].history.back();
    me().view.seen[word] = static_cast<std::uint16_t>(words_[word].history.size() - 1);
    if (acquires(order) || strength_ == Strength::kTso) me().view.join(latest.view);
    Scheduler::active().observe(latest.value);
    return latest;
}

/// The second half of a read-modify-write, which also passes on what the message before it did.
void Machine::write_back(std::size_t word, std::uint64_t value, Order order) {
    View view = released(word, order);
    view.join(words_[word].history.back().view);
    append(Scheduler::active().self(), word, {value, view});
    if (order == Order::kSeqCst) words_[word].last_seq_cst = words_[word].history.size() - 1;
}

std::uint64_t Machine::modify(std::size_t word, std::uint64_t keep, std::uint64_t set, Order order,
                              const Where& where) {
    Scheduler::active().step();
    order = effective(word, Operation::kModify, order, where);
    const std::uint64_t before = read_latest(word, order).value;
    write_back(word, (before & keep) | set, order);
    return before;
}

bool Machine::compare_exchange(std::size_t word, std::uint64_t& expected, std::uint64_t desired,
                               Order order, const Where& where) {
    Scheduler::active().step();
    order = effective(word, Operation::kModify, order, where);
    const std::uint64_t found = read_latest(word, order).value;
    if (found != expected) {
        expected = found;
        return false;
    }
    write_back(word, desired, order);
    return true;
}

std::size_t Machine::known(std::size_t word) {
    Scheduler::active().observe(me().view.seen[word]);
    return me().view.seen[word];
}

bool Machine::catch_up() {
    bool changed = false;
    for (std::size_t i = 0; i < words_.size(); ++i) {
        const auto latest = static_cast<std::uint16_t>(words_[i].history.size() - 1);
        changed |= std::exchange(me().view.seen[i], latest) != latest;
    }
    return changed;
}

template <class Visit>
void Machine::for_cells(std::uint32_t at, std::size_t count, Visit&& visit) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t byte = (at + i) % data_.size();
        visit(byte, cells_[byte / 8]);
    }
}

void Machine::copy_in(std::uint32_t at, base::Bytes bytes) {
    const std::size_t self = Scheduler::active().self();
    std::size_t next = 0;
    for_cells(at, bytes.size(), [&](std::size_t byte, Cell& cell) {
        const View& view = me().view;
        if (view.clock[cell.writer] < cell.written) Scheduler::active().fail("write races write");
        for (std::size_t i = 0; i < kMaxThreads; ++i) {
            if (view.clock[i] < cell.read[i]) Scheduler::active().fail("write races read");
        }
        cell = {self, view.clock[self], {}};
        data_[byte] = bytes[next++];
    });
}

void Machine::copy_out(std::uint32_t at, base::MutableBytes bytes) {
    const std::size_t self = Scheduler::active().self();
    std::size_t next = 0;
    for_cells(at, bytes.size(), [&](std::size_t byte, Cell& cell) {
        if (me().view.clock[cell.writer] < cell.written)
            Scheduler::active().fail("read races write");
        cell.read[self] = me().view.clock[self];
        bytes[next++] = data_[byte];
        Scheduler::active().observe(std::to_integer<std::uint64_t>(data_[byte]));
    });
}

std::vector<std::uint64_t> Machine::values(std::size_t word) const {
    std::vector<std::uint64_t> all;
    for (const Message& message : words_[word].history) all.push_back(message.value);
    return all;
}

std::uint64_t Machine::hash() const {
    std::uint64_t hash = 0;
    for (const Word& word : words_) hash = mix(mix(hash, word.hash), word.last_seq_cst);
    for (const Thread& thread : threads_) {
        hash = mix(mix(hash, thread.view.hash()), thread.spin_word);
        hash = mix(hash,
                   thread.spin_word == SIZE_MAX ? 0 : thread.spin_message << 32 | thread.spin_line);
        for (const auto& store : thread.buffer) {
            hash = mix(mix(mix(hash, store.word), store.message.value), store.message.view.hash());
        }
    }
    for (const Cell& cell : cells_) {
        hash = mix(hash, cell.writer << 16 | cell.written);
        for (const auto read : cell.read) hash = mix(hash, read);
    }
    for (std::size_t i = 0; i < data_.size(); i += 8) {
        hash = mix(hash, base::load_at<std::uint64_t>(data_, i));
    }
    return hash;
}

bool Machine::has_pending_store(std::size_t thread) const {
    return !threads_[thread].buffer.empty();
}

void Machine::flush_one(std::size_t thread) {
    auto& buffer = threads_[thread].buffer;
    append(thread, buffer.front().word, buffer.front().message);
    buffer.pop_front();
}

void Machine::flush_all(std::size_t thread) {
    while (has_pending_store(thread)) flush_one(thread);
}

std::uint64_t Machine::changes_by_others(std::size_t thread) const {
    std::uint64_t changes = 0;
    for (std::size_t i = 0; i < kMaxThreads; ++i) changes += i != thread ? threads_[i].stores : 0;
    return changes;
}

bool Machine::has_newer(std::size_t word, std::size_t message) const {
    return words_[word].history.size() > message + 1;
}

}  // namespace vmbus::model
