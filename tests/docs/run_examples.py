#!/usr/bin/env python3
"""Runs the examples of the documentation as a reader would: run_examples.py BUILD [PAGE...].

In README.md and docs/, a fenced block that opens with ```sh run``` is run by bash, the blocks of a page one after the
other in one empty folder in which `build` and `tests` are what they are in the repository's root. ```sh run exit=3```
expects that status. A block ```text shows``` behind it has lines, or their beginnings, that the output must have in this
order; of a line that holds ... only what stands before it counts.
"""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT_S = 60  # a guard against hanging
EXAMPLE = re.compile(r"^```sh run(?: exit=(\d+))?\n(.*?)^```\n(?:\n*```text shows\n(.*?)^```)?", re.M | re.S)
# Other DPDK programs may run on this machine under EAL's usual name.
PRIVATE = ["unshare", "--mount", "sh", "-c",
           'mkdir -p /var/run/dpdk && mount -t tmpfs none /var/run/dpdk && exec "$@"', "sh"]


def pages():
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def prepare(folder, build):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "build").symlink_to(build)
    for name in ("tests", "tools"):
        (folder / name).symlink_to(ROOT / name)


def run(script, folder):
    """The exit status, or None when the time is up, and what was printed."""
    command = [*(PRIVATE if os.geteuid() == 0 else []), "bash", "-euo", "pipefail", "-c", script]
    with tempfile.TemporaryDirectory() as private, open(folder / "output", "w+b") as output:
        process = subprocess.Popen(command, cwd=folder, env=os.environ | {"XDG_RUNTIME_DIR": private},
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                   start_new_session=True)
        try:
            status = process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            status = None
        with contextlib.suppress(ProcessLookupError):  # what the example left running
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return status, (folder / "output").read_text(errors="replace")


def missing_line(shows, output):
    """The first line that should be there and is not."""
    lines = iter(output.splitlines())
    for wanted in (line.split("...")[0].rstrip() for line in shows.splitlines()):
        if not any(line.startswith(wanted) for line in lines):
            return wanted
    return None


def problem_of(example, folder):
    status, output = run(example[2], folder)
    wanted = int(example[1] or 0)
    if status != wanted:
        return f"{'ran out of time' if status is None else f'exit status {status}, not {wanted}'}\n{output}"
    missing = missing_line(example[3] or "", output)
    return f"its output lacks: {missing}\n{output}" if missing is not None else None


def run_page(page, build):
    folder = build / "doc-examples" / page.stem
    prepare(folder, build)
    text = page.read_text()
    failures = 0
    for example in EXAMPLE.finditer(text):
        where = f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, example.start()) + 1}"
        started = time.monotonic()
        problem = problem_of(example, folder)
        print(f"{where}: {'FAILED: ' + problem if problem else 'ok'}, {time.monotonic() - started:.1f} s", flush=True)
        failures += problem is not None
    return failures


def main(build, *names):
    chosen = [ROOT / name for name in names] or [page for page in pages() if EXAMPLE.search(page.read_text())]
    failures = sum(run_page(page, pathlib.Path(build).resolve()) for page in chosen)
    sys.exit(1 if failures or not chosen else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
