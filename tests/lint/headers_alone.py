#!/usr/bin/env python3
"""Each header of lib/ and drivers/ compiles on its own.

One that a source of the build includes before anything else is compiled on its own there. Another one is compiled
again only when it, or a header of ours that it includes, has changed: build/headers_alone.json holds the hash that
last passed.
"""
import concurrent.futures
import json
import re
import subprocess

import includes
import lint

JOBS = 2
CACHE = "build/headers_alone.json"
FIRST = re.compile(r'(?:\s*//[^\n]*\n|\s*\n)*#include "([^"]+)"')
COMMON_FLAGS = ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c++"]


def dpdk_flags(root):
    version = subprocess.check_output(["pkg-config", "--modversion", "libdpdk"], text=True).strip()
    cflags = subprocess.check_output(["pkg-config", "--cflags", "libdpdk"], text=True).split()
    sdk = root / f".deps/dpdk-sdk-{version}/include"
    return ["-DALLOW_INTERNAL_API", "-DALLOW_EXPERIMENTAL_API", f"-isystem{sdk}",
            *(re.sub("^-I", "-isystem", flag) for flag in cflags)]


def compile_alone(root, header, flags):
    command = ["g++", *COMMON_FLAGS, f"-I{root}/lib", f"-I{root}/drivers", *flags, "-include",
               str(header), "/dev/null"]
    return subprocess.run(command, capture_output=True, text=True)


def included_first(root):
    """The headers with which sources begin, but for comments."""
    sources = [path for path in lint.sources(root, "lib", "drivers", "app", "tests/unit") if path.suffix == ".cpp"]
    return {includes.resolve(root, source, found[1]) for source in sources
            if (found := FIRST.match(source.read_text()))}


def check(root):
    cache_file = root / CACHE
    passed_before = json.loads(cache_file.read_text()) if cache_file.is_file() else {}
    passed = {}
    compiled_first = included_first(root)
    headers = [path for path in lint.sources(root, "lib", "drivers")
               if path.suffix in (".hpp", ".h") and path.resolve() not in compiled_first]
    in_drivers = {path for path in headers if path.is_relative_to(root / "drivers")}
    flags_of_drivers = dpdk_flags(root) if in_drivers else []

    def result(header):
        flags = flags_of_drivers if header in in_drivers else []
        name = header.relative_to(root).as_posix()
        key = includes.digest(root, header, *COMMON_FLAGS, *flags)
        if passed_before.get(name) != key:
            compiled = compile_alone(root, header, flags)
            if compiled.returncode != 0:
                return f"{name}: does not compile alone\n{compiled.stderr.rstrip()}"
        passed[name] = key
        return None

    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        problems = [problem for problem in pool.map(result, headers) if problem]
    cache_file.parent.mkdir(exist_ok=True)
    cache_file.write_text(json.dumps(passed, indent=0))
    return lint.Report(problems=problems)


GOOD = {
    "lib/wire/oid.hpp": "#pragma once\n#include <cstdint>\nenum class Oid : std::uint32_t {};\n",
    "lib/wire/guid.hpp": "is left to the build\n",
    "lib/wire/guid.cpp": '// A comment.\n\n#include "wire/guid.hpp"\n\n#include <array>\n',
}
USES_IT = {"lib/wire/oid.hpp": "inline std::uint32_t oid = 0;\n"}
BAD = [
    ("oid.hpp: does not compile alone", USES_IT),
    ("oid.hpp: does not compile alone", USES_IT | {"lib/wire/oid.cpp": '#include <cstdint>\n#include "wire/oid.hpp"\n'}),
]

if __name__ == "__main__":
    lint.main(check, GOOD, BAD)
