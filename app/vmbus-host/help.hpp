// What stands below the options in the help of vmbus-host, and so in its manual page. All of it,
// with the reasons: docs/emulator.md.
#pragma once

namespace vmbus::host {

inline constexpr const char* kSpecHelp =
    "SPEC is KEY=VALUE,...; in parentheses what is without it:\n"
    "  port          what the NIC is plugged into (null), with parts behind colons:\n"
    "                  null | loop | lan:NAME | tap:NAME[:netns=NS]\n"
    "                  pcap:in=FILE:out=FILE:rate=PPS\n"
    "                  gen:len=64:flows=16:count=N:rate=PPS:proto=udp:ipv6=off:vlan=ID:dst=MAC\n"
    "                and the cable to it: rate=PPS bps=BITS delay=5ms loss=1% reorder=1% dup=1% "
    "seed=N\n"
    "  mac, id       its address and instance GUID (made from its number)\n"
    "  queues        most channels, 1 to 64 (8)\n"
    "  nvsp          highest protocol version: 1, 2, 4, 5, 6, 6.1 (6.1)\n"
    "  mtu           without the Ethernet header (1500)\n"
    "  ring          bytes of each direction of a channel (2M)\n"
    "  recv, send    bytes of the receive and the send buffer (31M, 15M)\n"
    "  pieces        tight, lines: of the receive buffer, as OpenVMM's or whole cache lines "
    "(tight)\n"
    "  monitor       on, off: signals by a bit of the monitor page (on)\n"
    "  lso, rsc      on, off: large sends, coalesced receives (on, off)\n"
    "  vf            serial number of its virtual function, or off (off)\n"
    "  offer-delay   milliseconds until a sub-channel appears (1)\n"
    "  numa, speed   NUMA node (0), bit/s (10G)\n";

inline constexpr const char* kRunHelp =
    "CMD and its arguments follow after --. A replay, of pcap files or of a record, ends CMD "
    "(SIGINT) when it is complete.\n"
    "\n"
    "Exit status: that of CMD, 128 + N when signal N killed it; 0 when a replay is complete; 1 "
    "when "
    "something cannot be started or written; 2 for a wrong command line; 3 with --strict, when the "
    "guest broke a rule (vmbus-host explain RULE); 4 when a replay was not completed, or the guest "
    "did otherwise than the recorded one.\n"
    "\n"
    "Example: frames of a file through a forwarder, into another file:\n"
    "  vmbus-host run --strict --nic port=pcap:in=a.pcap --nic port=pcap:out=b.pcap \\\n"
    "      -- dpdk-testpmd --no-huge -m 512 -l 0,1 -- --auto-start --stats-period 1\n";

inline constexpr const char* kServeHelp =
    "Ends with SIGINT or SIGTERM. Guests come with vmbus-host attach -- CMD ...\n";

}  // namespace vmbus::host
