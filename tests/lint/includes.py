"""Which of our files a file of ours includes, for the lints and for the caches of slow checks."""
import hashlib
import re

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)


def included_names(source):
    return INCLUDE.findall(source.read_text())


def resolve(root, source, name):
    """The included file, or None when it comes from the system."""
    for base in (source.parent, root / "lib", root / "drivers", root / "app", root):
        candidate = (base / name).resolve()
        if candidate.is_file() and candidate.is_relative_to(root):
            return candidate
    return None


def digest(root, source, *context):
    """A hash of the file, everything of ours that it includes, and the context."""
    found, waiting = set(), [source]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += filter(None, (resolve(root, path, name) for name in included_names(path)))
    texts = [path.read_text() for path in sorted(found)]
    return hashlib.sha256("\0".join([*context, *texts]).encode()).hexdigest()
