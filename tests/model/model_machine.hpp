// The memory that model words live in, in two strengths.
//   kTso   what an x86 processor may do: each thread's stores pass through a first-in-first-out
//          buffer, which a seq_cst store or a read-modify-write empties first.
//   kWeak  what the language allows, release/acquire with reordering: each word keeps all messages
//          ever stored; a load may read any that is not older than what its thread knows of;
//          acquiring one joins what its releaser knew; seq_cst accesses of a word see the last
//          seq_cst store to it. (Left out: stores that land before an older one of the same word,
//          and loads of values that are stored later.)
// Ring bytes are plain: reading or overwriting them without happens-before is reported as a race.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "model_scheduler.hpp"

namespace vmbus::model {

inline constexpr std::size_t kMaxWords = 20;

enum class Strength : std::uint8_t { kTso, kWeak };
enum class Order : std::uint8_t { kRelaxed, kAcquire, kRelease, kAcqRel, kSeqCst };
enum class Operation : std::uint8_t { kLoad, kStore, kModify };

/// Which call an access is: as std::source_location, which clang 14 cannot have from libstdc++.
struct Where {
    std::string_view function;
    std::uint32_t line;

    static constexpr Where here(const char* function = __builtin_FUNCTION(),
                                std::uint32_t line = __builtin_LINE()) noexcept {
        return {function, line};
    }
};

/// One access of the ring's source, executed with a weaker order than it asks for.
struct Weakening {
    std::string_view word;
    Operation operation;
    Order from;
    std::string_view function;  ///< that does it
    Order to;
};

/// What a thread knows of: the newest message of each word, and each thread's clock.
struct View {
    std::array<std::uint16_t, kMaxWords> seen{};
    std::array<std::uint16_t, kMaxThreads> clock{};

    void join(const View& other) noexcept;
    std::uint64_t hash() const noexcept;
};

class Machine final : public Environment {
public:
    Machine(Strength strength, std::uint32_t ring_bytes, const Weakening* weakening);

    /// Words without a name are the writer's; they are named in the order of its members.
    std::size_t add_word(std::string_view name, std::uint64_t value);
    std::uint64_t load(std::size_t word, Order order, const Where& where);
    void store(std::size_t word, std::uint64_t value, Order order, const Where& where);
    /// Keeps these bits, sets those; what was there.
    std::uint64_t modify(std::size_t word, std::uint64_t keep, std::uint64_t set, Order order,
                         const Where& where);
    bool compare_exchange(std::size_t word, std::uint64_t& expected, std::uint64_t desired,
                          Order order, const Where& where);
    /// The newest message of `word` that this thread has seen; its program may depend on it.
    std::size_t known(std::size_t word);
    /// All stores there are now become known to this thread some day: now. False if they were.
    bool catch_up();

    std::uint32_t ring_bytes() const noexcept { return static_cast<std::uint32_t>(data_.size()); }
    void copy_in(std::uint32_t at, base::Bytes bytes);
    void copy_out(std::uint32_t at, base::MutableBytes bytes);

    /// All values that a word had, in order.
    std::vector<std::uint64_t> values(std::size_t word) const;

    std::uint64_t hash() const override;
    bool has_pending_store(std::size_t thread) const override;
    void flush_one(std::size_t thread) override;
    std::uint64_t changes_by_others(std::size_t thread) const override;
    bool has_newer(std::size_t word, std::size_t message) const override;

    /// The one that words constructed now belong to.
    static Machine& active() noexcept { return *active_; }

private:
    struct Message {
        std::uint64_t value;
        View view;
    };
    struct Word {
        std::string_view name;
        std::vector<Message> history;
        std::size_t last_seq_cst = 0;
        std::uint64_t hash = 0;
    };
    struct BufferedStore {
        std::size_t word;
        Message message;
    };
    struct Thread {
        View view;
        std::deque<BufferedStore> buffer;
        std::uint64_t stores = 0;
        std::size_t spin_word = SIZE_MAX;  ///< its last access was a load of this word ...
        std::uint32_t spin_line = 0;       ///< ... here ...
        std::size_t spin_message = 0;      ///< ... of this message
    };
    /// Eight bytes of the ring: who touched them last, and when by that thread's clock.
    struct Cell {
        std::size_t writer = 0;
        std::uint16_t written = 0;
        std::array<std::uint16_t, kMaxThreads> read{};
    };

    Thread& me() { return threads_[Scheduler::active().self()]; }
    Order effective(std::size_t word, Operation operation, Order order, const Where& where) const;
    void append(std::size_t thread, std::size_t word, const Message& message);
    void flush_all(std::size_t thread);
    const Message& read_latest(std::size_t word, Order order);
    void write_back(std::size_t word, std::uint64_t value, Order order);
    View released(std::size_t word, Order order);
    std::size_t oldest_readable(std::size_t word, Order order, const Where& where);
    template <class Visit>
    void for_cells(std::uint32_t at, std::size_t count, Visit&& visit);

    static Machine* active_;

    Strength strength_;
    const Weakening* weakening_;
    std::vector<Word> words_;
    std::array<Thread, kMaxThreads> threads_;
    std::vector<std::byte> data_;
    std::vector<Cell> cells_;
    std::size_t unnamed_ = 0;
};

}  // namespace vmbus::model
