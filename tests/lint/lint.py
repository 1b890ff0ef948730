"""What the lints share: a command line, a report, and a self-test on a tiny good and a tiny bad tree.

A lint is a function from the root of a tree to a Report. Problems fail the check, notes do not.
"""
import argparse
import dataclasses
import pathlib
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SOURCE_SUFFIXES = {".hpp", ".cpp", ".h", ".c"}


@dataclasses.dataclass
class Report:
    problems: list = dataclasses.field(default_factory=list)
    notes: list = dataclasses.field(default_factory=list)


def sources(root, *folders):
    """The C and C++ files below these folders of the tree, sorted."""
    return sorted(path for folder in folders for path in (root / folder).rglob("*")
                  if path.suffix in SOURCE_SUFFIXES)


def files_of_repository(root):
    """Every file that git does not ignore; outside a repository, every file."""
    listing = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             cwd=root, capture_output=True, text=True)
    if listing.returncode != 0:
        return sorted(path for path in root.rglob("*") if path.is_file())
    return sorted(root / name for name in set(listing.stdout.split("\0"))
                  if name and (root / name).is_file())


def report_on_sample(check, sample):
    with tempfile.TemporaryDirectory(prefix="lint-") as folder:
        root = pathlib.Path(folder).resolve()
        for name, text in sample.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return check(root)


def self_test(check, good, bad):
    """`bad` is (expected text, tree) pairs: each tree must give a problem or note with that text."""
    report = report_on_sample(check, good)
    failures = [f"the good sample gives: {text}" for text in report.problems + report.notes]
    for expected, sample in bad:
        report = report_on_sample(check, sample)
        if not any(expected in text for text in report.problems + report.notes):
            failures.append(f"a bad sample does not give: {expected}")
    return Report(problems=failures)


def main(check, good, bad):
    parser = argparse.ArgumentParser()
    parser.add_argument("--self-test", action="store_true")
    in_self_test = parser.parse_args().self_test
    report = self_test(check, good, bad) if in_self_test else check(REPOSITORY)
    for note in report.notes:
        print(f"note: {note}")
    for problem in report.problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if report.problems else 0)
