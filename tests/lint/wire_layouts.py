#!/usr/bin/env python3
"""The diagrams in docs/wire-layouts.md are what tools/wire_layouts.py draws of lib/wire today."""
import sys

import lint

sys.path.insert(0, str(lint.REPOSITORY / "tools"))
import wire_layouts  # noqa: E402


def check(root):
    report = lint.Report()
    report.problems += wire_layouts.Headers(root).contradictions()
    text = (root / wire_layouts.PAGE).read_text()
    try:
        current = text == wire_layouts.redrawn(root, text)
    except KeyError as unknown:
        report.problems.append(f"{wire_layouts.PAGE}: {unknown.args[0]}")
        return report
    if not current:
        report.problems.append(f"{wire_layouts.PAGE}: out of date: run tools/wire_layouts.py")
    return report


STRUCT = ("struct Footer {\n    std::uint16_t low;  ///< first; second\n    std::uint16_t high;\n"
          "    base::Shared<std::uint32_t> all[kTwo];\n};\n")
HEADER = "inline constexpr std::uint32_t kTwo = 2;\n" + STRUCT + "static_assert(sizeof(Footer) == 12);\n"
DRAWN = """<!-- layout: Footer -->
```text
      0         7 8        15 16       23 24       31
     +-----------+-----------+-----------+-----------+
   0 | low                   | high                  |
     +-----------+-----------+-----------+-----------+
   4 | all                                           |
     |                                               |
     +-----------+-----------+-----------+-----------+
```
"""
GOOD = {"lib/wire/a.hpp": HEADER, wire_layouts.PAGE: DRAWN}
BAD = [
    ("out of date", GOOD | {wire_layouts.PAGE: DRAWN.replace("high", "tall")}),
    ("12 bytes computed, 16 asserted", GOOD | {"lib/wire/a.hpp": HEADER.replace("== 12", "== 16")}),
    ("at [2] computed, at 4 asserted",
     GOOD | {"lib/wire/a.hpp": HEADER + "static_assert(offsetof(Footer, high) == 4);\n"}),
    ("no struct Header", GOOD | {wire_layouts.PAGE: DRAWN.replace("Footer", "Header")}),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
