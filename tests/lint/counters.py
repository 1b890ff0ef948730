#!/usr/bin/env python3
"""The guide has the name of every counter and telemetry command of the driver, and no page has one that does not exist."""
import re

import lint

GUIDE = "docs/nics/netvsc.md"
# Where the driver names them: a file, and what a name looks like there, with its direction or without.
TABLES = [("drivers/net/netvsc/stats.cpp", "rx", r"kRxNames = \{(.*?)\};"),
          ("drivers/net/netvsc/stats.cpp", "tx", r"kTxNames = \{(.*?)\};"),
          ("drivers/net/netvsc/stats.cpp", "ring", r"kRingNames = \{(.*?)\};"),
          ("drivers/net/netvsc/frame_counts.hpp", "rx", r"kFrameCountNames = \{(.*?)\};"),
          ("drivers/net/netvsc/frame_counts.hpp", "tx", r"kFrameCountNames = \{(.*?)\};")]
# Those that are counted elsewhere, or levels: visit("ring", lane, "signals", ...).
ALONE = ("drivers/net/netvsc/port_view.hpp", re.compile(r'visit\("(rx|tx|ring)", \w+, "(\w+)"'))
VF = ("drivers/net/netvsc/vf_stats.hpp", re.compile(r'visit\("(\w+)"'))
COMMAND = re.compile(r'rte_telemetry_register_cmd\("(/\w+/\w+)"')
CODE = re.compile(r"`([^`\n]+)`")
# `ring_qN_index_errors`, `vf_{rx,tx}_packets`; what follows a heading such as `rx_qN_:` goes by its bare name.
OF_QUEUE = re.compile(r"(rx|tx|ring)_q(?:N|\d+|\*)_([\w{},.]+)")
BRACES = re.compile(r"\{([^{}]*)\}")


def expanded(text):
    """The words that braces stand for."""
    found = BRACES.search(text)
    if not found:
        return [text]
    return [word for choice in found[1].split(",") if choice != "..."
            for word in expanded(text[:found.start()] + choice + text[found.end():])]


def counters(root):
    """Direction -> names."""
    names = {"rx": set(), "tx": set(), "ring": set()}
    for file, direction, table in TABLES:
        found = re.search(table, (root / file).read_text(), re.S)
        names[direction] |= set(re.findall(r'"(\w+)"', found[1] if found else ""))
    for direction, name in ALONE[1].findall((root / ALONE[0]).read_text()):
        names[direction].add(name)
    names["vf"] = set(VF[1].findall((root / VF[0]).read_text()))
    return names


def said(text):
    """Every word in backticks, braces expanded."""
    return {word for code in CODE.findall(text) for word in expanded(code)}


def check(root):
    report = lint.Report()
    names = counters(root)
    words = said((root / GUIDE).read_text())
    bare = {found[2] for word in words if (found := OF_QUEUE.fullmatch(word))} | words
    for direction, all_of_it in names.items():
        wanted = {f"vf_{name}" for name in all_of_it} if direction == "vf" else all_of_it
        report.problems += [f"{GUIDE}: no word of the counter {name} ({direction})" for name in sorted(wanted - bare)]
    commands = set(COMMAND.findall((root / "drivers/net/netvsc/telemetry.cpp").read_text()))
    for page in sorted(root.glob("docs/**/*.md")):
        for word in sorted(said(page.read_text())):
            found = OF_QUEUE.fullmatch(word)
            if found and found[2] not in names[found[1]]:
                report.problems.append(f"{page.relative_to(root)}: `{word}`: no such counter")
            command = re.match(r"/netvsc/\w+", word)
            if command and command[0] not in commands:
                report.problems.append(f"{page.relative_to(root)}: `{word}`: no such command")
    listed = {word.split(",")[0].split("[")[0] for word in words}
    report.problems += [f"{GUIDE}: no word of the command {command}" for command in sorted(commands - listed)]
    return report


GOOD = {
    "drivers/net/netvsc/stats.cpp": 'kRxNames = {"bytes", "a_errors", "b_errors"};\nkTxNames = {"bytes"};\n'
                                    'kRingNames = {"c"};\n',
    "drivers/net/netvsc/frame_counts.hpp": "",
    "drivers/net/netvsc/port_view.hpp": 'visit("ring", lane, "signals", 1);\n',
    "drivers/net/netvsc/vf_stats.hpp": 'visit("rx_packets", 1);\nvisit("tx_packets", 1);\n',
    "drivers/net/netvsc/telemetry.cpp": 'rte_telemetry_register_cmd("/netvsc/rings", f);\n',
    GUIDE: "`rx_qN_`: `bytes`, `rx_qN_{a,b,...}_errors`, `c`, `ring_q0_signals` `vf_{rx,tx}_packets` "
           "`/netvsc/rings,PORT[,PAGE]`\n",
}
BAD = [
    ("no word of the counter c (ring)", GOOD | {GUIDE: GOOD[GUIDE].replace("`c`", "")}),
    ("no word of the counter vf_tx_packets", GOOD | {GUIDE: GOOD[GUIDE].replace("{rx,tx}", "rx")}),
    ("`tx_q3_a_errors`: no such counter", GOOD | {"docs/a.md": "`tx_q3_a_errors`\n"}),
    ("`/netvsc/ring,0`: no such command", GOOD | {"docs/a.md": "`/netvsc/ring,0`\n"}),
    ("no word of the command /netvsc/rings", GOOD | {GUIDE: GOOD[GUIDE].replace("/netvsc/rings", "")}),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
