#!/usr/bin/env python3
"""What docs/troubleshooting.md says a program says, it says: each piece of a quoted line is in a string of the sources.

Also docs/devbind.md: its table of findings has the words of the doctor, all of them and no other.
"""
import re

import lint

PAGE = "docs/troubleshooting.md"
# By EAL, testpmd or the C library.
OF_OTHERS = {"EAL", "is world-writable and insecure", "No probed ethernet devices", "Permission denied",
             "No cores defined for forwarding", "Cannot create lock on '/var/run/dpdk/rte/config"}
CODE = re.compile(r"`([^`\n]+)`")
LITERALS = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*')
# What is filled in: in a literal, in a page, and where one text is put into another.
CONVERSION = re.compile(r"%[-\d]*(?:hh|h|ll|l|z)?[a-z]|\{[^{}]*\}")
PLACEHOLDER = re.compile(r"\.\.\.|\bUUID\b|\b[KMNQ]\b|(?<=map)N\b|(?<=uio)N\b|\bRULE\b|\bKEY\b|\bVALUE\b|\b\d+\.\d+\b")
SEAM = re.compile(r": | \(|\)?; |\)$|=")
FINDING = re.compile(r'(?:\.word = |no_access\([^;]*?)"([a-z-]+)"')


def texts(root):
    """Every string literal of the programs and the driver; a line feed where something is filled in."""
    for path in lint.sources(root, "app", "drivers", "lib"):
        for joined in LITERALS.findall(path.read_text()):
            yield CONVERSION.sub("\n", "".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', joined)))


def pieces(line):
    """What of a quoted line stands in one literal, from placeholder to placeholder."""
    for between in PLACEHOLDER.split(line):
        yield from (piece for part in SEAM.split(between) if (piece := part.strip(" .,'")))


def is_said(piece, known):
    """As it stands in a literal, or with one of its words filled in."""
    words = [re.escape(word) for word in piece.split(" ")]
    ways = [words] if len(words) < 3 else [words, *([*words[:i], r"\n", *words[i + 1:]] for i in range(len(words)))]
    return any(re.search(" ".join(way), known) for way in ways)


def quoted(text):
    """The lines in the first column of the page's tables: what has a blank in it."""
    for row in re.findall(r"^\| (.+?) \| .* \|$", text, re.M):
        yield from (code for code in CODE.findall(row) if " " in code or code.endswith("..."))


def findings(root):
    return {word for path in lint.sources(root, "app/vmbus-devbind") for word in FINDING.findall(path.read_text())}


def listed_findings(text):
    table = text.partition("| finding | cause |")[2].partition("\n\n")[0]
    return {word for row in re.findall(r"^\| (`.+?) \|", table, re.M) for word in CODE.findall(row)}


def check(root):
    report = lint.Report()
    known = "\n".join(texts(root))
    for line in quoted((root / PAGE).read_text()):
        report.problems += [f"{PAGE}: `{line}`: nobody says '{piece}'" for piece in pieces(line)
                            if not is_said(piece, known) and not any(piece in other for other in OF_OTHERS)]
    there, listed = findings(root), listed_findings((root / "docs/devbind.md").read_text())
    report.problems += [f"docs/devbind.md: no row for the finding {word}" for word in sorted(there - listed)]
    report.problems += [f"docs/devbind.md: nobody finds {word}" for word in sorted(listed - there)]
    return report


GOOD = {
    "drivers/a.cpp": 'log("%s: VF %u is %s; the path "\n    "stays", a);\nfail("not there yet");\n',
    "app/vmbus-devbind/b.cpp": 'x{.word = "no-nic"};\nno_access(file, "no-access", error);\n',
    PAGE: "| you see | do |\n|---|---|\n| `UUID: VF N is not there yet; the path stays` | `anything else` |\n"
          .replace("is not", "is ... not"),
    "docs/devbind.md": "| finding | cause |\n|---|---|\n| `no-nic`, `no-access` | - |\n\n`other`\n",
}
BAD = [
    ("nobody says 'the path goes'", GOOD | {PAGE: GOOD[PAGE].replace("path stays", "path goes")}),
    ("nobody says 'the path stays here'", GOOD | {PAGE: GOOD[PAGE].replace("stays", "stays here")}),
    ("no row for the finding no-access", GOOD | {"docs/devbind.md": GOOD["docs/devbind.md"].replace(", `no-access`", "")}),
    ("nobody finds no-driver", GOOD | {"docs/devbind.md": GOOD["docs/devbind.md"].replace("no-access", "no-driver")}),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
