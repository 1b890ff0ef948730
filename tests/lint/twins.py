#!/usr/bin/env python3
"""Each x.cpp of lib/ and drivers/ has its tests/unit/<layer>/x_test.cpp.

A header that has functions and no .cpp is only listed when it has no test.
"""
import re

import lint

# A name, or the beginning of one that ends with *.
NO_TWIN = {
    "lib/host/face/preload_*": "interposes on a whole program: tests/unit/host/face_probe.cpp is that program",
    "drivers/bus/vmbus/dpdk_bus.cpp": "shims into EAL; tests/e2e drives them",
    "drivers/net/netvsc/dpdk_ethdev.cpp": "shims into EAL; tests/e2e drives them",
    "drivers/net/netvsc/dpdk_secondary.cpp": "shims into EAL of a second process; tests/e2e runs one",
    "drivers/net/netvsc/visitor.cpp": "a device mapped by a second process of EAL; tests/e2e runs one",
    "drivers/net/netvsc/telemetry.cpp": "commands of EAL's telemetry thread; tests/e2e drives them",
    "drivers/net/netvsc/port_*": "ethdev's calls on a device of the bus; tests/e2e drives them",
    "drivers/net/netvsc/vf_port.cpp": "calls on a second port of EAL; tests/e2e drives them",
    "drivers/net/netvsc/vf_stats.cpp": "figures of a second port of EAL; tests/e2e reads them",
    "drivers/net/netvsc/rx_interrupts.cpp": "an interrupt handle of EAL; tests/guest drives it",
    "drivers/net/netvsc/events.cpp": "EAL alarms and interrupts; tests/e2e drives them",
}
FUNCTION_BODY = re.compile(r"\)\s*(?:const\s*)?(?:noexcept\s*)?(?:->\s*[\w:<>]+\s*)?\{")


def layer_folder(name):
    """lib/ring/writer.cpp -> ring; drivers/net/netvsc/control/rss.cpp -> netvsc."""
    parts = name.split("/")
    return parts[1] if parts[0] == "lib" else parts[2]


def is_exempt(name):
    return any(name.startswith(entry[:-1]) if entry.endswith("*") else name == entry for entry in NO_TWIN)


def has_twin(root, name, stem):
    layer = layer_folder(name)
    return any(layer in path.relative_to(root).parts
               for path in (root / "tests/unit").rglob(f"{stem}_test.cpp"))


def check(root):
    report = lint.Report()
    for source in lint.sources(root, "lib", "drivers"):
        name = source.relative_to(root).as_posix()
        if is_exempt(name) or has_twin(root, name, source.stem):
            continue
        wanted = f"tests/unit/{layer_folder(name)}/{source.stem}_test.cpp"
        if source.suffix == ".cpp":
            report.problems.append(f"{name}: no {wanted}, and no reason in twins.py")
        elif not source.with_suffix(".cpp").exists() and FUNCTION_BODY.search(source.read_text()):
            report.notes.append(f"{name}: has functions but no {wanted}")
    return report


GOOD = {
    "lib/ring/writer.cpp": "", "lib/ring/writer.hpp": "int f() { return 1; }\n",
    "tests/unit/ring/writer_test.cpp": "",
    "lib/wire/oid.hpp": "enum class Oid {};\n",
    "drivers/net/netvsc/control/rss.cpp": "", "tests/unit/netvsc/control/rss_test.cpp": "",
}
BAD = [
    ("no tests/unit/ring/reader_test.cpp",
     {"lib/ring/reader.cpp": "", "tests/unit/host/reader_test.cpp": ""}),
    ("has functions but no", {"lib/ring/geometry.hpp": "constexpr int free() noexcept { return 1; }\n"}),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
