#include "net/netvsc/loans.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_fd.hpp"

namespace vmbus::netvsc {
namespace {

/// Stands in for DPDK's count: one hold of the ring owner, and those of the mbufs.
std::atomic<int>& holds(Loan& loan) {
    static_assert(sizeof(std::atomic<int>) <= sizeof loan.shared_info);
    return *reinterpret_cast<std::atomic<int>*>(loan.shared_info);
}
bool let_go(Loan& loan) noexcept {
    return holds(loan).fetch_sub(1) == 1;
}
void free_mbuf(Loan& loan) {
    if (let_go(loan)) Loans::come_home(loan);
}

struct LoansTest : testing::Test {
    Loan* lend(std::uint64_t id, int mbufs, std::uint32_t pieces = 1) {
        Loan* loan = loans->lend(id, pieces);
        if (loan != nullptr) new (loan->shared_info) std::atomic<int>(mbufs + 1);
        return loan;
    }
    std::multiset<std::uint64_t> home(std::uint32_t room = 100) {
        std::multiset<std::uint64_t> ids;
        loans->collect(room, [&](std::uint64_t id, std::uint32_t) { ids.insert(id); });
        return ids;
    }
    ~LoansTest() override {
        if (loans != nullptr) loans->close(nullptr);
    }

    Loans* loans = Loans::create(8, 10, let_go);
};

TEST_F(LoansTest, PacketComesHomeWithItsLastMbuf) {
    Loan* loan = lend(7, 2);
    EXPECT_FALSE(loans->settle(*loan));
    free_mbuf(*loan);
    EXPECT_TRUE(home().empty());
    free_mbuf(*loan);
    EXPECT_EQ(home(), std::multiset<std::uint64_t>{7});
    EXPECT_EQ(loans->lent(), 0U);
}

TEST_F(LoansTest, PacketWhoseMbufsWereFreedEarlyGoesBackWhenTheReaderIsDone) {
    Loan* loan = lend(7, 1);
    free_mbuf(*loan);
    EXPECT_TRUE(loans->settle(*loan));
    EXPECT_EQ(loans->pieces_lent(), 0U);
}

TEST_F(LoansTest, NoMoreThanSoManyPacketsAreAway) {
    for (std::uint64_t id = 0; id < 8; ++id) EXPECT_NE(lend(id, 0), nullptr);
    EXPECT_EQ(lend(8, 0), nullptr);
    for (const Loan& loan : loans->all()) EXPECT_TRUE(loans->settle(const_cast<Loan&>(loan)));
    Loan* const again = lend(8, 0);
    ASSERT_NE(again, nullptr);
    EXPECT_TRUE(loans->settle(*again));
}

TEST_F(LoansTest, NoMoreThanSoManyPiecesAreAway) {
    Loan* const nine = lend(1, 0, 9);
    ASSERT_NE(nine, nullptr);
    EXPECT_EQ(lend(2, 0, 2), nullptr);
    Loan* const tenth = lend(3, 0, 1);
    ASSERT_NE(tenth, nullptr);
    for (Loan* const each : {nine, tenth}) EXPECT_TRUE(loans->settle(*each));
}

TEST_F(LoansTest, WhatHasNoRoomNowComesLater) {
    for (std::uint64_t id = 0; id < 5; ++id) {
        Loan* loan = lend(id, 1);
        loans->settle(*loan);
        free_mbuf(*loan);
    }
    EXPECT_EQ(home(2).size(), 2U);
    EXPECT_EQ(home(2).size(), 2U);
    EXPECT_EQ(home(2).size(), 1U);
}

TEST_F(LoansTest, OtherThreadsBringEachHomeOnce) {
    constexpr std::uint64_t kPackets = 2000;
    std::array<base::Shared<std::uint64_t>, 2> given{};
    std::vector<std::jthread> threads;
    for (auto& slot : given) {
        threads.emplace_back([&slot] {
            for (;;) {
                const auto word = slot.exchange_seq_cst(0);
                if (word == 1) return;
                if (word != 0) free_mbuf(*reinterpret_cast<Loan*>(word));
                std::this_thread::yield();
            }
        });
    }
    std::uint64_t next = 0;
    std::uint64_t sum = 0;
    std::uint64_t count = 0;
    while (count < kPackets) {
        auto& slot = given[next % 2];
        if (next < kPackets && slot.load_seq_cst() == 0) {
            if (Loan* loan = lend(next, 1); loan != nullptr) {
                loans->settle(*loan);
                slot.store_seq_cst(reinterpret_cast<std::uint64_t>(loan));
                ++next;
            }
        }
        for (const auto id : home()) sum += id, ++count;
        std::this_thread::yield();
    }
    for (auto& slot : given) slot.store_seq_cst(1);
    EXPECT_EQ(sum, kPackets * (kPackets - 1) / 2);
    EXPECT_EQ(loans->lent(), 0U);
}

/// A page that stands for the device's, and what is lent of it.
struct LentMemory : LoansTest {
    LentMemory() {
        auto mapped = base::Mapping::map_shared(fd.get(), 4096);
        memory = std::make_shared<base::Mapping>(std::move(mapped.value()));
        for (std::size_t i = 0; i < 4096; ++i) memory->data()[i] = std::byte{0x5A};
    }
    static int file() {
        const int fd = ::memfd_create("device", 0);
        EXPECT_EQ(::ftruncate(fd, 4096), 0);
        return fd;
    }
    base::UniqueFd fd{file()};
    std::shared_ptr<base::Mapping> memory;
};

// defect: 4.4-15 what the application still holds at close stays readable, and is nobody's later
TEST_F(LentMemory, LentBytesOutliveTheDeviceAtTheirAddress) {
    Loan* loan = lend(3, 1);
    loan->begin = 100;
    loan->end = 200;
    loans->settle(*loan);
    const std::byte* at = memory->data() + 100;
    ASSERT_TRUE(replace_by_copy(memory->bytes(), std::array{loans}));
    const std::byte gone{0};
    ASSERT_EQ(::pwrite(fd.get(), &gone, 1, 100), 1) << "the host goes on using its pages";
    std::weak_ptr<base::Mapping> watch = memory;
    std::exchange(loans, nullptr)->close(std::exchange(memory, nullptr));
    EXPECT_EQ(at[0], std::byte{0x5A});
    EXPECT_EQ(at[99], std::byte{0x5A});
    EXPECT_FALSE(watch.expired());
    free_mbuf(*loan);
    EXPECT_TRUE(watch.expired());
}

TEST_F(LentMemory, TheLastOneFreesItWhileTheTableCloses) {
    for (int round = 0; round < 200; ++round) {
        auto* table = Loans::create(8, 8, let_go);
        std::swap(table, loans);
        std::array<Loan*, 8> out{};
        for (std::uint64_t id = 0; id < 8; ++id) loans->settle(*(out[id] = lend(id, 1)));
        std::weak_ptr<base::Mapping> watch;
        {
            auto kept = std::make_shared<base::Mapping>();
            watch = kept;
            std::jthread other([&] {
                for (Loan* loan : out) free_mbuf(*loan);
            });
            loans->close(std::move(kept));
        }
        std::swap(table, loans);
        EXPECT_TRUE(watch.expired());
    }
}

}  // namespace
}  // namespace vmbus::netvsc
