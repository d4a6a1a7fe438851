"""The suite in parallel; what fails there is tried once more, alone, and named either way.

    python tools/suite.py [--coverage] PYTEST-ARGUMENTS

Two cores under a hundred servers and browsers are a test of their own: a test that fails beside others and
passes alone depends on the machine, which is a fault of the test to be mended. It is printed under `passed
only alone` and does not end the run. More than `MOST` of them do, as does a test that fails alone, a crash,
or any error that is no failed test.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

#: failed tests that are tried again; more at once are no accident
MOST = 5
FAILED = 1  # pytest's exit status when tests ran and some failed
CRASHED = (b"crashed while running", b"node down: Not properly terminated", b"Fatal Python error")
LAST_FAILED = "v/cache/lastfailed"


def run(command: list[str]) -> tuple[int, bool]:
    """Pytest's exit status, and whether a process of it crashed; its output goes on to ours as it comes."""
    crashed, line = False, b""
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        descriptor = process.stdout.fileno()
        while chunk := os.read(descriptor, 65_536):
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            line += chunk
            crashed = crashed or any(sign in line for sign in CRASHED)
            line = line[line.rfind(b"\n") + 1 :]
    return process.returncode, crashed


def main(arguments: list[str]) -> int:
    coverage = arguments[:1] == ["--coverage"]
    pytest = [sys.executable, *(["-m", "coverage", "run"] if coverage else []), "-m", "pytest"]
    arguments = arguments[coverage:]
    cache = Path(".pytest_cache") / f"suite-{os.getpid()}"
    options = ["-o", f"cache_dir={cache}"]
    status, crashed = run([*pytest, *options, *arguments])
    if status != FAILED or crashed:
        return status or (FAILED if crashed else 0)
    failed = list(json.loads((cache / LAST_FAILED).read_text()))
    if len(failed) > MOST:
        return status
    print(f"== {len(failed)} failed beside others; alone ==", flush=True)
    # A later option wins: one process, no matter how many the arguments ask for.
    again, crashed = run([*pytest, *options, *arguments, "--numprocesses=0", "--dist=no", *failed])
    if again == 0 and not crashed:
        print("== passed only alone: mend what makes these depend on the machine ==", *failed, sep="\n  ")
    return again or (FAILED if crashed else 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
