#include "net/netvsc/control/control_link.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

namespace vmbus::netvsc {
namespace {

constexpr std::chrono::microseconds kNap{50};
/// For a host that has shown that it does not answer.
constexpr std::chrono::milliseconds kShort{50};

void nap() noexcept {
    std::this_thread::sleep_for(kNap);
}

}  // namespace

base::Result<base::Bytes> ControlLink::call_nvsp(base::Bytes message) noexcept {
    return call({.kind = Mailbox::Kind::kNvsp, .message = message}, deadlines_.nvsp);
}

base::Result<base::Bytes> ControlLink::call_rndis(base::Bytes message,
                                                  std::uint32_t request_id) noexcept {
    return call({.kind = Mailbox::Kind::kRndis, .message = message, .rndis_request_id = request_id},
                deadlines_.rndis);
}

int ControlLink::send_nvsp(base::Bytes message) noexcept {
    const auto deadline = Clock::now() + deadlines_.nvsp;
    return send_packet({.type = wire::PacketType::kInBand, .payload = message}, deadline);
}

int ControlLink::send_rndis(base::Bytes message) noexcept {
    const int error = send_unawaited(
        {.kind = Mailbox::Kind::kRndis, .message = message, .awaited = false}, deadlines_.nvsp);
    if (error == 0) {
        drain(deadlines_.nvsp);
    }
    return error;
}

int ControlLink::post_rndis(base::Bytes message, std::uint32_t request_id) noexcept {
    return send_unawaited({.kind = Mailbox::Kind::kRndis,
                           .message = message,
                           .rndis_request_id = request_id,
                           .awaited = false},
                          deadlines_.grace);
}

int ControlLink::send_unawaited(const Request& request,
                                std::chrono::milliseconds timeout) noexcept {
    const auto deadline = Clock::now() + timeout;
    const auto id = begin(request, deadline);
    return id.ok() ? transmit(request, id.value(), deadline) : -id.error();
}

base::Result<base::Bytes> ControlLink::call(const Request& request,
                                            std::chrono::milliseconds timeout) noexcept {
    using Answer = base::Result<base::Bytes>;
    const auto deadline = Clock::now() + timeout;
    const auto id = begin(request, deadline);
    if (!id.ok()) {
        return Answer::error(id.error());
    }
    if (const int error = transmit(request, id.value(), deadline); error != 0) {
        return Answer::error(-error);
    }
    const auto answer = await(deadline);
    unresponsive_ = answer.error() == ETIMEDOUT;
    return answer;
}

base::Result<std::uint64_t> ControlLink::begin(const Request& request,
                                               Clock::time_point deadline) noexcept {
    using Id = base::Result<std::uint64_t>;
    if (!own_until(deadline)) {
        return Id::error(health_.alive() ? ETIMEDOUT : ENODEV);
    }
    const auto id = request.awaited
                        ? mailbox_.begin(request.kind, request.rndis_request_id.value_or(0))
                        : mailbox_.begin_unawaited(request.rndis_request_id);
    owner_.leave();
    return id ? Id(*id) : Id::error(EBUSY);
}

int ControlLink::transmit(const Request& request, std::uint64_t id,
                          Clock::time_point deadline) noexcept {
    int error = 0;
    if (request.kind == Mailbox::Kind::kNvsp) {
        error = send_packet({.type = wire::PacketType::kInBand,
                             .completion_requested = true,
                             .transaction_id = id,
                             .payload = request.message},
                            deadline);
    } else if (request.message.size() > section_bytes_) {
        error = -EMSGSIZE;
    } else {
        // The slot's own section: the host has given it back, or it never had it.
        const auto section = static_cast<std::uint32_t>(id & 0xFFFF);
        std::memcpy(send_buffer_.data() + std::size_t{section} * section_bytes_,
                    request.message.data(), request.message.size());
        const auto envelope = codec::encode_nvsp(wire::NvspSendRndisPacket{
            .type = static_cast<std::uint32_t>(wire::NvspType::kSendRndisPacket),
            .channel_type = wire::kNvspChannelControl,
            .send_section_index = section,
            .send_section_length = static_cast<std::uint32_t>(request.message.size())});
        error = send_packet({.type = wire::PacketType::kInBand,
                             .completion_requested = true,
                             .transaction_id = id,
                             .payload = envelope},
                            deadline);
    }
    if (error != 0 && own_until(Clock::now() + deadlines_.nvsp)) {
        mailbox_.withdraw(id);
        owner_.leave();
    }
    return error;
}

/// Under the owner flag, so that a ring with one producer only has one.
int ControlLink::send_packet(const ring::OutgoingPacket& packet,
                             Clock::time_point deadline) noexcept {
    while (own_until(deadline)) {
        const auto status = channel_.send(packet);
        if (status != ring::ReserveStatus::kOk) {
            lane_.poll_owned();  // a host that cannot answer does not read either
        }
        owner_.leave();
        switch (status) {
            case ring::ReserveStatus::kOk: return 0;
            case ring::ReserveStatus::kTooLarge: return -EMSGSIZE;
            case ring::ReserveStatus::kBadIndex: inbound_.fail_read_index(); return -ENODEV;
            case ring::ReserveStatus::kFull: nap(); break;
        }
    }
    return health_.alive() ? -ETIMEDOUT : -ENODEV;
}

base::Result<base::Bytes> ControlLink::await(Clock::time_point deadline) noexcept {
    using Answer = base::Result<base::Bytes>;
    const auto own_turn =
        Clock::now() + (running() ? deadlines_.grace : std::chrono::milliseconds{});
    for (;;) {
        switch (mailbox_.state()) {
            case Mailbox::kAnswered: return mailbox_.answer();
            case Mailbox::kRefused: return Answer::error(give_up(ECONNREFUSED));
            default: break;
        }
        const auto now = Clock::now();
        if (!health_.alive()) {
            return Answer::error(give_up(ENODEV));
        }
        if (now >= deadline) {
            return Answer::error(give_up(ETIMEDOUT));
        }
        if (now >= own_turn) {
            poll();
        }
        if (mailbox_.state() == Mailbox::kWaiting) {
            nap();
        }
    }
}

/// Cancelled under the owner flag: after that no late answer is being written.
int ControlLink::give_up(int error) noexcept {
    while (!owner_.try_enter()) {
        nap();
    }
    mailbox_.cancel();
    owner_.leave();
    return error;
}

bool ControlLink::own_until(Clock::time_point deadline) noexcept {
    while (health_.alive()) {
        if (owner_.try_enter()) {
            return true;
        }
        if (Clock::now() >= deadline) {
            return false;
        }
        base::cpu_pause();
        std::this_thread::yield();
    }
    return false;
}

bool ControlLink::drain(std::chrono::milliseconds timeout) noexcept {
    const auto deadline = Clock::now() + (unresponsive_ ? std::min(timeout, kShort) : timeout);
    while (health_.alive() && channel_.tx().bytes_in_flight() != 0) {
        if (Clock::now() >= deadline) {
            return false;
        }
        poll();
        nap();
    }
    return health_.alive();
}

}  // namespace vmbus::netvsc
