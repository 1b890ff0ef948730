#!/usr/bin/env python3
"""No path of one machine and no to-do without an issue number, in any file."""
import re

import lint

# Written so that this file does not contain what it looks for.
FORBIDDEN = [
    (re.compile(r"(?<![\w./-])/(?:hom[e]|wor[k]|Users|root)/\w"), "a path of one machine"),
    (re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X])\b(?!\(#\d+\)| #\d+)"), "no issue number, as in TOD" "O(#12)"),
]


def check(root):
    report = lint.Report()
    for path in lint.files_of_repository(root):
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue  # pcap files and fuzz corpora
        for number, line in enumerate(lines, 1):
            for pattern, reason in FORBIDDEN:
                if found := pattern.search(line):
                    report.problems.append(
                        f"{path.relative_to(root)}:{number}: `{found[0]}`: {reason}")
    return report


GOOD = {"README.md": "See https://example.org/hom" "e/page and TOD" "O(#12) and src/wor" "k/x.\n"}
BAD = [
    ("a path of one machine", {"Makefile": "cd /hom" "e/me/tree\n"}),
    ("a path of one machine", {"tools/x": "ls '/wor" "k/tree'\n"}),
    ("no issue number", {"lib/base/a.hpp": "// TOD" "O later\n"}),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
