#!/usr/bin/env python3
"""Which rules of the protocol are checked, and by which tests: the table behind `vmbus-host conformance`.

Rules are the names of tests/conformance.list and the violations of lib/host/violation_rules.cpp. A test checks the
rules that stand on `// conformance: NAME, NAME` lines directly above it, and the violations that its body names.
Reasons for rules without a test: rows | `NAME`, `SECTION *` | reason | below "## Conformance" in docs/emulator.md.
"""
import dataclasses
import json
import pathlib
import re
import sys

MARK = re.compile(r"^\s*// conformance: (.+)$")
TEST = re.compile(r"^(?:TEST|TEST_F|TEST_P)\((\w+),\s*(\w+)\)", re.M)
FUZZ = re.compile(r'^extern "C" int LLVMFuzzerTestOneInput')
VIOLATION = re.compile(r"Violation::k(\w+)")
RULE = re.compile(r'\{Violation::k(\w+),\s*"(\w+)",\s*((?:"[^"]*"\s*)+)', re.S)
# They name every violation and check none.
NAMES_ONLY = {"violation_test.cpp", "violation_rules_test.cpp"}


@dataclasses.dataclass
class Rule:
    section: str
    name: str
    intent: str
    tests: list = dataclasses.field(default_factory=list)
    reason: str = ""


def listed_rules(root):
    for line in (root / "tests/conformance.list").read_text().splitlines():
        if line and not line.startswith("#"):
            yield Rule(*line.split(" ", 2))


def violation_rules(root):
    """Enumerator -> rule."""
    text = (root / "lib/host/violation_rules.cpp").read_text()
    return {enumerator: Rule("violation", name, "".join(re.findall(r'"([^"]*)"', words)))
            for enumerator, name, words in RULE.findall(text)}


def marks_above(lines, number):
    """The names on the marked lines directly above a line."""
    names = []
    while number > 0 and (found := MARK.match(lines[number - 1])):
        names += [name.strip() for name in found[1].split(",")]
        number -= 1
    return names


def tests_of(path):
    """(name of the test, marks, body) of each test in a file."""
    lines = path.read_text().splitlines()
    starts = [(i, found) for i, line in enumerate(lines)
              if (found := TEST.match(line + (lines[i + 1].strip() if i + 1 < len(lines) else "")))
              or (found := FUZZ.match(line))]
    for (start, found), end in zip(starts, [s for s, _ in starts[1:]] + [len(lines)]):
        name = f"{found[1]}.{found[2]}" if found.re is TEST else "fuzzing"
        yield name, marks_above(lines, start), "\n".join(lines[start:end])


def add_reasons(root, rules):
    """Returns the names that no rule has."""
    by_name = {rule.name: [rule] for rule in rules}
    for rule in rules:
        by_name.setdefault(f"{rule.section} *", []).append(rule)
    text = (root / "docs/emulator.md").read_text()
    section = text.partition("\n## Conformance\n")[2].partition("\n## ")[0]
    unknown = []
    for names, reason in re.findall(r"^\| (`.*?) \| (.*) \|$", section, re.M):
        for name in re.findall(r"`([^`]+)`", names):
            unknown += [] if name in by_name else [name]
            for rule in by_name.get(name, []):
                rule.reason = reason
    return unknown


def table(root):
    """The rules with their tests and reasons, and the marks and reasons that name no rule."""
    violations = violation_rules(root)
    rules = list(listed_rules(root)) + list(violations.values())
    by_name = {rule.name: rule for rule in rules}
    unknown = add_reasons(root, rules)
    for path in sorted((root / "tests").rglob("*.cpp")):
        for test, marks, body in tests_of(path):
            where = f"{test} ({path.relative_to(root).as_posix()})"
            named = [] if path.name in NAMES_ONLY else [
                violations[v].name for v in VIOLATION.findall(body) if v in violations]
            for name in dict.fromkeys(marks + named):
                if name in by_name:
                    by_name[name].tests.append(where)
                else:
                    unknown.append(f"{name} in {where}")
    return rules, unknown


def write_header(rules, out):
    out.write("// Made by tools/conformance_table.py.\n")
    for rule in rules:
        words = [rule.section, rule.name, rule.intent, "\n".join(rule.tests), rule.reason]
        out.write("{" + ", ".join(json.dumps(word) for word in words) + "},\n")


if __name__ == "__main__":
    source_root = pathlib.Path(sys.argv[1])
    with open(sys.argv[2], "w") as header:
        write_header(table(source_root)[0], header)
    if len(sys.argv) > 3:  # a dependency file: what the table was made from
        inputs = sorted((source_root / "tests").rglob("*.cpp"))
        inputs += [source_root / name for name in
                   ("tests/conformance.list", "docs/emulator.md", "lib/host/violation_rules.cpp")]
        pathlib.Path(sys.argv[3]).write_text(f"{sys.argv[2]}: " + " ".join(map(str, inputs)) + "\n")
