#!/usr/bin/env python3
"""Numbers that pages give, of things that can be counted, are those that there are; and figures are the same on every page."""
import json
import re

import lint

WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
DOCTOR = "app/vmbus-devbind/doctor.cpp"


def listed(file, begin, each):
    """Counts `each` between `begin` and the end of that statement."""
    def count(root):
        return len(re.findall(each, (root / file).read_text().partition(begin)[2].partition("};")[0]))
    return count


def constant(file, name):
    def value(root):
        found = re.search(rf"\b{name} = (\d+);", (root / file).read_text())
        return int(found[1]) if found else 0
    return value


def faults(root):
    """All kinds but `random`, which is any of them."""
    schema = json.loads((root / "docs/fault-script.schema.json").read_text())
    return len(schema["$defs"]["step"]["properties"]["what"]["enum"]) - 1


# A page, the claim with its number in brackets, and the truth.
CLAIMS = [
    ("README.md", r"(\w+) scripted or random faults", faults),
    ("README.md", r"(\w+) guest kernels", listed("lib/host/kernel_profile.cpp", "kProfiles = {", r"\bk\w+")),
    ("README.md", r"in (\w+) modes", listed("app/netvsc-fwd/mode.hpp", "kModes = {", "ModeFacts{")),
    ("README.md", r"up to (\w+) queue pairs", constant("drivers/net/netvsc/inbound.hpp", "kMaxQueues")),
    ("docs/nics/netvsc.md", r"transmit: up to (\w+), whatever", constant("drivers/net/netvsc/inbound.hpp", "kMaxQueues")),
    ("docs/nics/netvsc.md", r"up to (\w+) groups", constant("drivers/net/netvsc/port.hpp", "kMaxGroups")),
    ("docs/nics/netvsc.md", r"transmit up to (\w+) \(`nb_seg_max`\)",
     constant("drivers/net/netvsc/tx_prepare.hpp", "kMaxSegments")),
    ("docs/devbind.md", r"(\w+) checks, each `ok`", listed(DOCTOR, "kRows = {", "Row{")),
]
# The instructions of a packet, on two pages.
FIGURES = [("README.md", re.compile(r"^\| (.+), instructions a packet \| (\d+) \| (\d+) \|", re.M)),
           ("docs/nics/netvsc.md", re.compile(r"^\| (transmit|receive|receive and transmit) \| (\d+) \| (\d+) \|$", re.M))]


def number(word):
    return WORDS.index(word.lower()) if word.lower() in WORDS else int(word) if word.isdigit() else None


def check(root):
    report = lint.Report()
    for page, claim, truth in CLAIMS:
        found = re.search(claim, (root / page).read_text())
        if not found:
            report.problems.append(f"{page}: does not say any more: {claim}")
        elif number(found[1]) != truth(root):
            report.problems.append(f"{page}: '{found[0]}', but there are {truth(root)}")
    (first, here), (second, there) = [(page, sorted(figures.findall((root / page).read_text()))) for page, figures in FIGURES]
    if not here or here != there:
        report.problems.append(f"{first} and {second} differ in the instructions of a packet")
    return report


ROWS = "| receive | 5 | 6 |\n"
GOOD = {
    "README.md": "3 scripted or random faults, two guest kernels, in one modes, up to 64 queue pairs\n"
                 "| receive, instructions a packet | 5 | 6 | 1.2 |\n",
    "docs/nics/netvsc.md": "transmit: up to 64, whatever; up to 128 groups; transmit up to 32 (`nb_seg_max`)\n" + ROWS,
    "docs/devbind.md": "Two checks, each `ok`\n",
    "docs/fault-script.schema.json": '{"$defs": {"step": {"properties": {"what": {"enum": ["a", "b", "c", "random"]}}}}}',
    "lib/host/kernel_profile.cpp": "kProfiles = {k5_15, k6_1_156};\n",
    "app/netvsc-fwd/mode.hpp": 'kModes = {\n    ModeFacts{"io"},\n};\n',
    "drivers/net/netvsc/inbound.hpp": "kMaxQueues = 64;\n",
    "drivers/net/netvsc/port.hpp": "kMaxGroups = 128;\n",
    "drivers/net/netvsc/tx_prepare.hpp": "kMaxSegments = 32;\n",
    DOCTOR: 'kRows = {Row{"a"},\n Row{"b"}};\n',
}
BAD = [
    ("'two guest kernels', but there are 1", GOOD | {"lib/host/kernel_profile.cpp": "kProfiles = {k5_15};\n"}),
    ("'3 scripted or random faults', but there are 0",
     GOOD | {"docs/fault-script.schema.json": '{"$defs": {"step": {"properties": {"what": {"enum": ["random"]}}}}}'}),
    ("does not say any more: (\\w+) checks", GOOD | {"docs/devbind.md": "\n"}),
    ("differ in the instructions", GOOD | {"docs/nics/netvsc.md": GOOD["docs/nics/netvsc.md"].replace("6", "7")}),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
