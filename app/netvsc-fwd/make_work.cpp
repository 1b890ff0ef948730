#include "make_work.hpp"

#include <stdexcept>

#include "addresses.hpp"
#include "checksum.hpp"
#include "generators.hpp"
#include "icmp_echo.hpp"
#include "latency.hpp"
#include "port_setup.hpp"

namespace netvsc_fwd {
namespace {

rte_ether_addr peer_of(const Options& options, std::uint16_t port) {
    const auto named = options.peers.find(port);
    return named != options.peers.end()
               ? named->second
               : rte_ether_addr{{2, 0, 0, 0, 0, static_cast<std::uint8_t>(port)}};
}

}  // namespace

std::unique_ptr<Work> make_work(const Options& options, const Port& port, Queue to,
                                rte_mempool& pool, std::uint64_t run) {
    const rte_ether_addr peer = peer_of(options, port.id);
    const BlankFrames frames(pool, options.txpkts);
    UdpFlow flow = options.flow;
    flow.source = port.address;
    flow.destination = peer;
    switch (options.mode) {
        case Mode::kIo: return std::make_unique<PassOn>();
        case Mode::kMac: return std::make_unique<Readdress>(port.address, peer);
        case Mode::kMacSwap: return std::make_unique<SwapAddresses>();
        case Mode::kReceiveOnly: return std::make_unique<Free>();
        case Mode::kTransmitOnly:
            return std::make_unique<Generator>(frames,
                                               headers_of_flows(flow, 1, frames.frame_bytes()));
        case Mode::kFlowGenerator:
            return std::make_unique<Generator>(
                frames, headers_of_flows(flow, options.flows, frames.frame_bytes()));
        case Mode::kIcmpEcho: return std::make_unique<IcmpEcho>(port.address);
        case Mode::kChecksum:
            return std::make_unique<Checksum>(to, port.tx_offloads & kTxChecksums, port.address,
                                              peer);
        case Mode::kLatency: return std::make_unique<Latency>(frames, flow, run);
    }
    throw std::logic_error("a mode without work");
}

}  // namespace netvsc_fwd
