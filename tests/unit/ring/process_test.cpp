// Two processes on one memfd, of which either is killed at any point and replaced, as when a
// channel is opened anew: the ring is initialised again, nothing of the old life is taken for the
// new one's. Each child is bounded by an alarm, each wait by a deadline.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

#include "base/mapping.hpp"
#include "base/unique_fd.hpp"
#include "ring/reader.hpp"
#include "ring/writer.hpp"
#include "support/flat_ring.hpp"

namespace vmbus::ring {
namespace {

using support::blob;

constexpr unsigned kChildSeconds = 20;
constexpr std::uint64_t kEnough = 300;  ///< packets: several laps of the ring

/// A forked process that runs `life` and ends with its answer; killed when the object goes.
class Process {
public:
    explicit Process(const std::function<bool()>& life) : pid_(::fork()) {
        if (pid_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::alarm(kChildSeconds);
            ::_exit(life() ? 0 : 1);
        }
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process() {
        kill();
        wait();
    }

    void kill() const {
        if (pid_ > 0) ::kill(pid_, SIGKILL);
    }
    /// Whether it was killed (by itself or by us).
    bool was_killed() {
        wait();
        return WIFSIGNALED(status_) && WTERMSIG(status_) == SIGKILL;
    }
    bool succeeded() {
        wait();
        return WIFEXITED(status_) && WEXITSTATUS(status_) == 0;
    }

private:
    void wait() {
        if (pid_ > 0) ::waitpid(pid_, &status_, 0);
        pid_ = -1;
    }

    pid_t pid_;
    int status_ = -1;
};

/// Where in the life of a packet its process dies.
enum class Death { kNever, kReserved, kHalfWritten, kFilled, kPublished };
constexpr std::uint64_t kNone = UINT64_MAX;

/// Calls step() until it is true. False when it took too long.
bool soon(const std::function<bool()>& step) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(kChildSeconds);
    while (!step()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

std::uint64_t id_of(std::uint64_t life, std::uint64_t number) {
    return life << 32 | number;
}
support::Blob payload_of(std::uint64_t id) {
    return blob(id * 13 % 190 / kUnit * kUnit, id ^ id >> 32);
}

class RingOfTwoProcesses : public testing::TestWithParam<Publication> {
protected:
    void SetUp() override {
        const base::UniqueFd file(::memfd_create("ring", MFD_CLOEXEC));
        const std::size_t bytes = 2 * base::system_page_size();
        ASSERT_EQ(::ftruncate(file.get(), static_cast<off_t>(bytes)), 0);
        auto mapping = base::Mapping::map_shared(file.get(), bytes);
        ASSERT_TRUE(mapping.ok());
        mapping_ = std::move(mapping.value());
    }
    MappedRing ring() {
        return MappedRing::view(mapping_.bytes(), base::system_page_size()).value();
    }

    /// Both ends are new, the data is what the last life left.
    void reopen() {
        auto memory = ring();
        initialise(memory);
        ++life_;
    }

    static void die_if(bool now) {
        if (now) ::raise(SIGKILL);
    }

    bool send_one(Writer& writer, std::uint64_t number, Death death = Death::kNever) {
        const auto payload = payload_of(id_of(life_, number));
        const OutgoingPacket packet{.transaction_id = id_of(life_, number), .payload = payload};
        Reservation place;
        if (writer.reserve(packet.ring_bytes(), place) != ReserveStatus::kOk) {
            return false;
        }
        die_if(death == Death::kReserved);
        if (death == Death::kHalfWritten) {
            writer.memory().copy_in(place.start.index(), base::Bytes(payload).first(kUnit));
            die_if(true);
        }
        writer.fill(place).put(packet);
        die_if(death == Death::kFilled);
        writer.publish(place);
        die_if(death == Death::kPublished);
        return true;
    }

    /// The life of a producer; the last of its packets in this way.
    bool produce(std::uint64_t count, Death death = Death::kNever) {
        Writer writer(ring(), GetParam());
        std::uint64_t n = 0;
        while (n < count &&
               soon([&] { return send_one(writer, n, n + 1 == count ? death : Death::kNever); })) {
            ++n;
        }
        return n == count;
    }

    bool is_next(const PacketView& view, std::uint64_t number) const {
        const std::uint64_t id = id_of(life_, number);
        support::Blob payload(view.payload_size());
        return view.transaction_id() == id && view.copy_payload(0, payload) &&
               payload == payload_of(id);
    }
    /// One burst. False when anything is not the next packet of this life.
    bool take_burst(Reader& reader, std::uint64_t& taken, std::uint64_t dies_holding = kNone) {
        PacketView view;
        for (reader.poll(); reader.next(view); ++taken) {
            if (!is_next(view, taken)) return false;
            die_if(taken == dies_holding);
        }
        reader.release();
        return reader.error() == PacketError::kNone;
    }
    /// At least `count` packets.
    bool take(Reader& reader, std::uint64_t count, std::uint64_t& taken,
              std::uint64_t dies_holding = kNone) {
        bool good = true;
        return soon([&] {
                   good = good && take_burst(reader, taken, dies_holding);
                   return !good || taken >= count;
               }) &&
               good;
    }
    /// The life of a consumer.
    bool consume(std::uint64_t count, std::uint64_t dies_holding = kNone) {
        Reader reader(ring(), FooterCheck::kStrict);
        std::uint64_t taken = 0;
        return take(reader, count, taken, dies_holding);
    }

    // Of the test, copied to its children.
    base::Mapping mapping_;
    std::uint64_t life_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Modes, RingOfTwoProcesses,
                         testing::Values(Publication::kSingle, Publication::kOrdered,
                                         Publication::kRelaxed));

TEST_P(RingOfTwoProcesses, EachPacketArrivesOnceInOrder) {
    reopen();
    Process producer([this] { return produce(10 * kEnough); });
    Reader reader(ring(), FooterCheck::kStrict);
    std::uint64_t taken = 0;
    EXPECT_TRUE(take(reader, 10 * kEnough, taken)) << taken;
    EXPECT_TRUE(producer.succeeded());
    EXPECT_EQ(taken, 10 * kEnough);
}

TEST_P(RingOfTwoProcesses, AProducerThatDiesLeavesWholePacketsOnly) {
    for (const Death death :
         {Death::kReserved, Death::kHalfWritten, Death::kFilled, Death::kPublished}) {
        reopen();
        Process producer([&] { return produce(kEnough, death); });
        Reader reader(ring(), FooterCheck::kStrict);
        const std::uint64_t whole = death == Death::kPublished ? kEnough : kEnough - 1;
        std::uint64_t taken = 0;
        EXPECT_TRUE(take(reader, whole, taken)) << taken;
        EXPECT_TRUE(producer.was_killed());
        EXPECT_TRUE(take_burst(reader, taken));
        EXPECT_EQ(taken, whole);
    }
}

TEST_P(RingOfTwoProcesses, AProducerKilledAnywhereLeavesWholePacketsOnly) {
    for (std::uint64_t enough = 1; enough < kEnough; enough += kEnough / 12) {
        reopen();
        Process producer([this] { return produce(kNone); });
        Reader reader(ring(), FooterCheck::kStrict);
        std::uint64_t taken = 0;
        EXPECT_TRUE(take(reader, enough, taken)) << taken;
        producer.kill();
        EXPECT_TRUE(producer.was_killed());
        EXPECT_TRUE(take_burst(reader, taken)) << taken;
        EXPECT_EQ(reader.bytes_unread(), 0U);
    }
}

TEST_P(RingOfTwoProcesses, WithADeadConsumerTheRingFillsAndANewOneStartsAfresh) {
    reopen();
    Process consumer([this] { return consume(kNone, kEnough); });
    Writer writer(ring(), GetParam());
    std::uint64_t n = 0;
    while (n <= kEnough && soon([&] { return send_one(writer, n); })) ++n;
    ASSERT_TRUE(consumer.was_killed());
    while (n < 2 * kEnough && send_one(writer, n)) ++n;
    EXPECT_TRUE(writer.ask_for_room(packet_bytes(0, payload_of(id_of(life_, n)).size()))) << n;

    reopen();
    Process next([this] { return consume(kEnough); });
    EXPECT_TRUE(produce(kEnough));
    EXPECT_TRUE(next.succeeded());
}

TEST_P(RingOfTwoProcesses, AConsumerKilledAnywhereDoesNoHarmToItsSuccessor) {
    for (std::uint64_t enough = 1; enough < kEnough; enough += kEnough / 12) {
        reopen();
        Process consumer([this] { return consume(kNone); });
        EXPECT_TRUE(produce(enough));
        consumer.kill();
        EXPECT_TRUE(consumer.was_killed());
    }
    reopen();
    Process last([this] { return consume(kEnough); });
    EXPECT_TRUE(produce(kEnough));
    EXPECT_TRUE(last.succeeded());
}

}  // namespace
}  // namespace vmbus::ring
