#!/usr/bin/env python3
"""Each row of tests/driver.list has a test, or a written reason in docs/nics/netvsc.md why not."""
import re

import lint

MARK = re.compile(r"^\s*// (?:row: (?P<names>.+)|defect: (?P<defect>\S+) .+)$", re.M)
TEST = re.compile(r"^TEST(?:_F|_P)?\(", re.M)
REASON = re.compile(r"^\| `([^`]+)` \| .+ \|$", re.M)


def rows(root):
    """Name -> section."""
    lines = (root / "tests/driver.list").read_text().splitlines()
    return {name: section for section, name, _ in
            (line.split(" ", 2) for line in lines if line and not line.startswith("#"))}


def marked(text):
    """The names that marks of a file of tests carry."""
    for found in MARK.finditer(text):
        yield from ([found["defect"]] if found["defect"] else
                    [name.strip() for name in found["names"].split(",")])


def reasons(root):
    text = (root / "docs/nics/netvsc.md").read_text()
    return REASON.findall(text.partition("\n## Beside DPDK's own driver\n")[2].partition("\n## ")[0])


def check(root):
    report = lint.Report()
    wanted, tested, reasoned = rows(root), set(), set(reasons(root))
    for path in sorted((root / "tests").rglob("*_test.cpp")):
        text = path.read_text()
        names = set(marked(text))
        if names and not TEST.search(text):
            report.problems.append(f"{path.relative_to(root)}: marks without a test")
        report.problems += [f"{path.relative_to(root)}: no row has the name {name}"
                            for name in sorted(names - wanted.keys())]
        tested |= names
    report.problems += [f"docs/nics/netvsc.md: no row has the name {name}" for name in sorted(reasoned - wanted.keys())]
    report.problems += [f"{name} ({wanted[name]}): no test has it, and docs/nics/netvsc.md says not why"
                        for name in wanted if name not in tested | reasoned]
    report.notes += [f"{name}: a test has it, and docs/nics/netvsc.md says why none does"
                     for name in sorted(tested & reasoned)]
    return report


GOOD = {
    "tests/driver.list": "# a comment\n3.1 dev_start it starts\n3.4 sizes by size\n4.3 4.3-1 an id\n",
    "docs/nics/netvsc.md": "# N\n\n## Beside DPDK's own driver\n\n| row | here |\n|---|---|\n| `sizes` | none |\n\n## Z\n",
    "tests/unit/a_test.cpp": "// row: dev_start\n// defect: 4.3-1 an id\nTEST(A, B) {}\n",
}
BAD = [
    ("dev_start (3.1): no test", GOOD | {"tests/unit/a_test.cpp": "// defect: 4.3-1 an id\nTEST(A, B) {}\n"}),
    ("4.3-1 (4.3): no test", GOOD | {"tests/unit/a_test.cpp": "// row: dev_start\nTEST(A, B) {}\n"}),
    ("sizes (3.4): no test", GOOD | {"docs/nics/netvsc.md": "# N\n"}),
    ("no row has the name dev_stop", GOOD | {"tests/unit/b_test.cpp": "// row: dev_stop\nTEST(A, C) {}\n"}),
    ("sizes: a test has it", GOOD | {"tests/unit/b_test.cpp": "// row: sizes\nTEST(A, C) {}\n"}),
    ("marks without a test", GOOD | {"tests/unit/b_test.cpp": "// row: dev_start\n"}),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
