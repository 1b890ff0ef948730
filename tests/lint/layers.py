#!/usr/bin/env python3
"""Includes point one way only: the arrows below are all there are."""
import re

import includes
import lint

ARROWS = {
    "lib/base": [],
    "lib/wire": ["lib/base"],
    "lib/ring": ["lib/base", "lib/wire"],
    "lib/channel": ["lib/base", "lib/wire", "lib/ring"],
    "lib/codec": ["lib/base", "lib/wire"],
    "lib/host": ["lib/base", "lib/wire", "lib/ring", "lib/channel", "lib/codec"],
    "drivers/bus/vmbus": ["lib/base", "lib/wire", "lib/ring", "lib/channel"],
    "drivers/net/netvsc": ["lib/base", "lib/wire", "lib/ring", "lib/channel", "lib/codec",
                           "drivers/bus/vmbus"],
    "app/options": [],
    "app/measure": [],
    "app/netvsc": ["lib/base", "lib/wire", "lib/ring", "lib/channel", "lib/codec",
                   "drivers/bus/vmbus", "drivers/net/netvsc", "app/options", "app/measure"],
    "app": ["lib/base", "lib/wire", "lib/ring", "lib/channel", "lib/codec", "lib/host"],
}
MAY_INCLUDE_DPDK = ["drivers/bus/vmbus", "drivers/net/netvsc", "app/netvsc"]
DPDK_HEADER = re.compile(r"^(rte_\w+|dev_driver|bus_driver|ethdev_\w+|bus_\w+_driver)\.h$")


def layer_of(name):
    """The longest layer that the path lies in; app/netvsc stands for every app/netvsc-*."""
    fitting = [layer for layer in ARROWS
               if name.startswith(layer + "/") or (layer == "app/netvsc" and name.startswith(layer))]
    return max(fitting, key=len, default=None)


def check(root):
    report = lint.Report()
    for source in lint.sources(root, "lib", "drivers", "app"):
        name = source.relative_to(root).as_posix()
        layer = layer_of(name)
        if layer is None:
            report.problems.append(f"{name}: lies in no layer known to layers.py")
            continue
        for header in includes.included_names(source):
            if DPDK_HEADER.match(header) and layer not in MAY_INCLUDE_DPDK:
                report.problems.append(f"{name}: {layer} must not include DPDK's {header}")
            target = includes.resolve(root, source, header)
            target_name = target and target.relative_to(root).as_posix()
            if target and layer_of(target_name) not in [layer, *ARROWS[layer]]:
                report.problems.append(f"{name}: {layer} must not include {target_name}")
    return report


GOOD = {
    "lib/base/bytes.hpp": "",
    "lib/wire/packet.hpp": '#include "base/bytes.hpp"\n#include <cstdint>\n',
    "drivers/bus/vmbus/scan.cpp": '#include "scan.hpp"\n#include <rte_log.h>\n',
    "drivers/bus/vmbus/scan.hpp": '#include "wire/packet.hpp"\n',
    "app/netvsc-fwd/main.cpp": '#include <rte_eal.h>\n#include "options/eal_arguments.hpp"\n',
    "app/options/eal_arguments.hpp": "#include <string>\n",
}
BAD = [
    ("lib/base must not include lib/wire/packet.hpp",
     {"lib/base/bytes.hpp": '#include "wire/packet.hpp"\n', "lib/wire/packet.hpp": ""}),
    ("drivers/bus/vmbus must not include lib/host/offer.hpp",
     {"drivers/bus/vmbus/scan.cpp": '#include "host/offer.hpp"\n', "lib/host/offer.hpp": ""}),
    ("app/options must not include DPDK's rte_eal.h", {"app/options/x.hpp": "#include <rte_eal.h>\n"}),
    ("lib/ring must not include DPDK's rte_ring.h", {"lib/ring/writer.hpp": "#include <rte_ring.h>\n"}),
    ("lies in no layer", {"lib/utils/misc.hpp": ""}),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
