#!/usr/bin/env python3
"""Lists source files that hold more than one idea by their length. Never fails."""
import lint

MOST_LINES = 400


def check(root):
    report = lint.Report()
    for source in lint.sources(root, "lib", "drivers", "app", "tests"):
        count = len(source.read_text().splitlines())
        if count > MOST_LINES:
            report.notes.append(f"{source.relative_to(root)}: {count} lines")
    return report


GOOD = {"lib/ring/writer.cpp": "\n" * MOST_LINES}
BAD = [("writer.cpp: 401 lines", {"lib/ring/writer.cpp": "\n" * (MOST_LINES + 1)})]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
