"""What a program says of itself: the source of its manual page and of its completion, so that no option can be missing."""
import os
import re
import subprocess
import sys

OVER_EAL = ("netvsc-fwd", "netvsc-bench")  # their own help is behind `--`


def help_of(program, name, *subcommand):
    """The same for each builder: a default below his own runtime folder is said for any user."""
    divider = ["--"] if name in OVER_EAL and not subcommand else []
    environment = {key: value for key, value in os.environ.items() if key != "XDG_RUNTIME_DIR"}
    run = subprocess.run([program, *subcommand, *divider, "--help"], capture_output=True, text=True, timeout=20,
                         env=environment)
    if run.returncode != 0 or not run.stdout.strip():
        sys.exit(f"{name} {' '.join(subcommand)}: no help: {run.stderr.strip()}")
    text = run.stdout.strip().replace(program, name)
    return text.replace(f"vmbus-host-{os.getuid()}/", "vmbus-host-UID/")


def subcommands(text):
    listed = re.search(r"^(?:Subcommands|SUBCOMMANDS|Commands):\n((?:[ ].*\n?)+)", text, re.MULTILINE)
    return re.findall(r"^  ([a-z][\w-]*)", listed[1], re.MULTILINE) if listed else []


def options(text):
    """The long ones, and those that have no long form."""
    listed = re.findall(r"^  (-[\w,-]+)", text, re.MULTILINE)
    return [names.split(",")[-1] for names in listed]
