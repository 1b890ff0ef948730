#!/usr/bin/env python3
"""Every atomic access names its partner, the partner exists, and docs/memory-model.md lists both.

Accepted within the three lines above the access (or on its own line):
    // sync in.publish -> in.observe, in.recheck: why
    // sync cursor.take: private why        (no other side)
    // sync stats.count: relaxed: why       (orders nothing)
    // relaxed: why                         (likewise; covers a run of relaxed accesses)
"""
import re

import lint

LINES_ABOVE = 3
EXEMPT = {"lib/base/shared.hpp": "defines the accessors"}
DOCUMENT = "docs/memory-model.md"

ORDERS = r"(?:_(?:relaxed|acquire|release|acq_rel|seq_cst|seq))?"
ACCESS = re.compile(r"(?:\.|->)(?:load|store|exchange|fetch_(?:add|sub|and|or|xor)"
                    r"|compare_exchange(?:_weak|_strong)?)" + ORDERS + r"\s*\("
                    r"|\b(?:__atomic_\w+|__sync_\w+|(?:std::)?atomic_\w+_fence)\s*\(")
RELAXED = re.compile(r"(?:\.|->)\w+_relaxed\s*\(")
TAG = r"[a-z0-9_]+\.[a-z0-9_]+"
PAIR = re.compile(rf"// sync ({TAG}) -> ({TAG}(?:, {TAG})*): \S")
ALONE = re.compile(rf"// sync ({TAG}): (?:private|relaxed)\b")
UNTAGGED = re.compile(r"// relaxed: \S")


def without_comment(line):
    return line.split("//", 1)[0]


def comment_at(lines, number):
    """The comment that starts on this line, with the comment lines that continue it on one line."""
    text = lines[number]
    for line in lines[number + 1:number + 1 + LINES_ABOVE]:
        if not line.strip().startswith("// ") or "// sync " in line:
            break
        text += " " + line.strip().removeprefix("// ")
    return text


def lines_in_reach(lines, number):
    """The access, the three lines above it, and the relaxed accesses between them."""
    yield number
    left = LINES_ABOVE
    for above in range(number - 1, -1, -1):
        if left == 0:
            return
        yield above
        left -= not RELAXED.search(without_comment(lines[above]))


def tagged(lines, number):
    comments = [comment_at(lines, i) for i in lines_in_reach(lines, number) if "// " in lines[i]]
    return any(form.search(text) for text in comments for form in (PAIR, ALONE, UNTAGGED))


def check(root):
    report = lint.Report()
    first_tags, partners = {}, {}
    for source in lint.sources(root, "lib", "drivers"):
        name = source.relative_to(root).as_posix()
        if name in EXEMPT:
            continue
        lines = source.read_text().splitlines()
        for number, line in enumerate(lines):
            where = f"{name}:{number + 1}"
            if ACCESS.search(without_comment(line)) and not tagged(lines, number):
                report.problems.append(f"{where}: atomic access without a `// sync` comment")
            if "// sync " not in line:
                continue
            comment = comment_at(lines, number)
            if pair := PAIR.search(comment):
                first_tags.setdefault(pair[1], where)
                for partner in pair[2].split(", "):
                    partners.setdefault(partner, where)
            elif alone := ALONE.search(comment):
                first_tags.setdefault(alone[1], where)
            else:
                report.problems.append(f"{where}: not in the form `// sync a.b -> c.d: why`")

    for tag, where in partners.items():
        if tag not in first_tags:
            report.problems.append(f"{where}: partner {tag} is nowhere the first tag of a comment")
    document = root / DOCUMENT
    listed = set(re.findall(TAG, document.read_text())) if document.is_file() else set()
    for tag, where in (first_tags | partners).items():
        if tag not in listed:
            report.problems.append(f"{where}: {tag} is not listed in {DOCUMENT}")
    return report


GOOD = {
    DOCUMENT: "| `in.publish` | `in.observe` | `count.add` |\n",
    "lib/base/shared.hpp": "x.load(o);\n",
    "lib/ring/writer.cpp": "// sync in.publish -> in.observe: the payload is visible\n"
                           "// before the index that announces it.\n"
                           "page_.in.store_seq_cst(next);\nbytes.store_le(4);\n",
    "lib/ring/reader.cpp": "// sync in.observe ->\n// in.publish: index before payload\n"
                           "auto in = page->in.load_acquire();\n"
                           "n.fetch_add_relaxed(1);  // sync count.add: relaxed: a statistic\n",
}
BAD = [
    ("atomic access without", {"lib/ring/a.cpp": "in.store_release(1);\n"}),
    ("atomic access without", {"lib/ring/a.cpp": "std::atomic_thread_fence(order);\n"}),
    ("partner in.observe is nowhere",
     {"lib/ring/a.cpp": "// sync in.publish -> in.observe: why\nin.store_release(1);\n"}),
    ("in.publish is not listed",
     {"lib/ring/a.cpp": "// sync in.publish -> in.publish: why\nin.store_release(1);\n"}),
    ("not in the form", {"lib/ring/a.cpp": "// sync with the host\nin.store_release(1);\n"}),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
