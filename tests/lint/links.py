#!/usr/bin/env python3
"""In every Markdown file: a relative link leads to a file, an anchor to a heading, and a path in backticks exists."""
import re

import lint

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^(```+).*?^\1$", re.M | re.S)
CODE = re.compile(r"`([^`\n]+)`")
# A path of this tree, from its root; with * it is a pattern.
PATH = re.compile(r"(?:app|debian|docs|drivers|lib|tests|tools)/[\w./*-]+")
OF_LINUX = {"drivers/net/hyperv/hyperv_net.h"}
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.M)


def anchor(heading):
    """As GitHub and myst make it."""
    text = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w -]", "", text).replace(" ", "-")


def anchors(text):
    return {anchor(heading) for heading in HEADING.findall(FENCED.sub("", text))}


def link_problem(page, target):
    file, _, fragment = target.partition("#")
    if re.match(r"[a-z]+:", target):
        return None  # another place; nobody is asked
    goal = page.parent / file if file else page
    if not goal.exists():
        return "no such file"
    if fragment and goal.suffix == ".md" and fragment not in anchors(goal.read_text()):
        return "no such heading"
    return None


def exists(root, path):
    path = path.rstrip(".")
    return any(root.glob(path)) if "*" in path else (root / path).exists()


def is_source_without_suffix(root, path):
    """`tests/unit/host/rx_path`, and `ring/writer` for its two files."""
    return any((root / path).parent.glob((root / path).name + "[._]*"))


def check(root):
    report = lint.Report()
    for page in lint.files_of_repository(root):
        if page.suffix != ".md":
            continue
        text = FENCED.sub("", page.read_text())
        name = page.relative_to(root)
        for target in LINK.findall(text):
            if problem := link_problem(page, target):
                report.problems.append(f"{name}: {target}: {problem}")
        for code in CODE.findall(text):
            path = PATH.fullmatch(code)
            if path and code not in OF_LINUX and not exists(root, path[0]) and not is_source_without_suffix(root, path[0]):
                report.problems.append(f"{name}: `{code}`: no such file")
    return report


GOOD = {
    "README.md": "# A thing\n[it](docs/a.md#two-words) [here](#a-thing) [away](https://example.org/x) `tools/x`\n"
                 "`lib/ring/w` `tests/*/w_test.cpp`\n```sh\n# no heading\n[](none)\n```\n![p](docs/p.svg)\n",
    "docs/a.md": "## `Two` words!\n", "docs/p.svg": "", "tools/x": "", "lib/ring/w.cpp": "", "tests/unit/w_test.cpp": "",
}
BAD = [
    ("b.md: no such file", GOOD | {"docs/c.md": "[b](b.md)\n"}),
    ("a.md#three: no such heading", GOOD | {"docs/c.md": "[a](a.md#three)\n"}),
    ("q.svg: no such file", GOOD | {"docs/c.md": "![q](q.svg)\n"}),
    ("`tools/y`: no such file", GOOD | {"docs/c.md": "`tools/y`\n"}),
    ("`tests/*/v_test.cpp`: no such file", GOOD | {"docs/c.md": "`tests/*/v_test.cpp`\n"}),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
