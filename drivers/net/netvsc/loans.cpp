#include "net/netvsc/loans.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <utility>

#include "base/unique_fd.hpp"

namespace vmbus::netvsc {

Loans::Loans(std::uint32_t most, std::uint32_t most_pieces, Release release) noexcept
    : release_(release),
      most_(most),
      most_pieces_(most_pieces),
      loans_(new (std::nothrow) Loan[most]),
      free_(new (std::nothrow) std::uint32_t[most]) {}

Loans* Loans::create(std::uint32_t most, std::uint32_t most_pieces, Release release) noexcept {
    auto* loans = new (std::nothrow) Loans(most, most_pieces, release);
    if (loans == nullptr || loans->loans_ == nullptr || loans->free_ == nullptr) {
        delete loans;
        return nullptr;
    }
    for (std::uint32_t i = 0; i < most; ++i) {
        loans->loans_[i].table = loans;
        loans->free_[i] = i;
    }
    return loans;
}

Loan* Loans::lend(std::uint64_t packet_id, std::uint32_t pieces) noexcept {
    if (lent_ == most_ || most_pieces_ - pieces_lent_ < pieces) {
        return nullptr;
    }
    Loan& loan = loans_[free_[most_ - ++lent_]];
    pieces_lent_ += pieces;
    loan.packet_id = packet_id;
    loan.pieces = pieces;
    loan.begin = ~0U;
    loan.end = 0;
    loan.out = true;
    return &loan;
}

void Loans::take_in(Loan& loan) noexcept {
    loan.out = false;
    pieces_lent_ -= loan.pieces;
    free_[most_ - lent_--] = static_cast<std::uint32_t>(&loan - loans_.get());
}

void Loans::come_home(Loan& loan) noexcept {
    Loans& table = *loan.table;
    const auto index = static_cast<std::uint32_t>(&loan - table.loans_.get()) + 1;
    // relaxed: a guess, which the exchange checks.
    std::uint32_t head = table.head_.load_relaxed();
    do {
        if (head == kClosed) {
            table.left(-1);
            return;
        }
        loan.next = head;
        // sync loan.home -> loan.collect, loan.close: my last use of the bytes, and the link.
    } while (!table.head_.compare_exchange_weak_acq_rel(head, index));
}

void Loans::close(std::shared_ptr<base::Mapping> memory) noexcept {
    memory_ = std::move(memory);
    for (std::uint32_t i = pending_; i != kNone; i = loans_[i - 1].next) {
        --lent_;
    }
    // sync loan.close -> loan.home: the links of what came home until now; later ones count.
    for (std::uint32_t i = head_.exchange_acquire(kClosed); i != kNone; i = loans_[i - 1].next) {
        --lent_;
    }
    if (lent_ == 0) {
        delete this;
    } else {
        left(lent_);
    }
}

/// Each loan counts one down, close() all of them up, in any order: who makes it zero is the last.
void Loans::left(std::int64_t change) noexcept {
    // sync loan.count -> loan.count: every use of table and memory, before who is last frees them.
    if (left_.fetch_add(change, std::memory_order_acq_rel) + change == 0) {
        delete this;
    }
}

bool replace_by_copy(base::MutableBytes buffer, std::span<Loans* const> tables) noexcept {
    const base::UniqueFd file(::memfd_create("netvsc-lent", MFD_CLOEXEC));
    if (!file || ::ftruncate(file.get(), static_cast<off_t>(buffer.size())) != 0) {
        return false;
    }
    for (const Loans* table : tables) {
        for (const Loan& loan : table->all()) {
            if (!loan.out || loan.begin >= loan.end) {
                continue;
            }
            const std::size_t bytes = loan.end - loan.begin;
            const auto done = ::pwrite(file.get(), buffer.data() + loan.begin, bytes, loan.begin);
            if (done != static_cast<ssize_t>(bytes)) {
                return false;
            }
        }
    }
    return ::mmap(buffer.data(), buffer.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
                  file.get(), 0) != MAP_FAILED;
}

}  // namespace vmbus::netvsc
