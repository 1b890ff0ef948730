#!/usr/bin/env python3
"""Each rule of the protocol has a test, or a written reason in docs/emulator.md why not."""
import sys

import lint

sys.path.insert(0, str(lint.REPOSITORY / "tools"))
import conformance_table  # noqa: E402


def check(root):
    rules, unknown = conformance_table.table(root)
    report = lint.Report()
    report.problems += [f"no rule has the name {name}" for name in unknown]
    for rule in rules:
        if not rule.tests and not rule.reason:
            report.problems.append(f"{rule.name}: no test checks it, and docs/emulator.md says not why")
        if rule.tests and rule.reason:
            report.notes.append(f"{rule.name}: a test checks it, and docs/emulator.md says why none does")
    return report


RULES = 'kRules = {{\n    {Violation::kOne, "one", "Do " "it.", kStops}}};\n'
GOOD = {
    "tests/conformance.list": "# a comment\nring test_ring one packet\nbus a_thing none\n",
    "lib/host/violation_rules.cpp": RULES,
    "docs/emulator.md": "# Host\n\n## Conformance\n\n| rule | reason |\n|---|---|\n| `bus *` | no bus |\n",
    "tests/unit/a_test.cpp": "// conformance: test_ring\nTEST(A, B) {\n    count(Violation::kOne);\n}\n",
}
BAD = [
    ("test_ring: no test", GOOD | {"tests/unit/a_test.cpp": "TEST(A, B) { count(Violation::kOne); }\n"}),
    ("one: no test", GOOD | {"tests/unit/a_test.cpp": "// conformance: test_ring\nTEST(A, B) {}\n"}),
    ("a_thing: no test", GOOD | {"docs/emulator.md": "# Host\n"}),
    ("no rule has the name nothing",
     GOOD | {"tests/unit/b_test.cpp": "// conformance: nothing\nTEST(A, C) {}\n"}),
    ("a_thing: a test checks it",
     GOOD | {"tests/unit/b_test.cpp": "// conformance: a_thing\nTEST(A, C) {}\n"}),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
