"""What a figure was measured on and with: without it a number means nothing."""

import os
import platform
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

PACKAGES = ("smsc-emulator", "uvloop", "Cython", "apsw", "hdrhistogram")


class NotCompiled(SystemExit):
    """The build is not what the figures are about."""


def require_compiled(allow_interpreted: bool) -> None:
    """End with a clear sentence unless every compiled module is loaded from a fresh extension."""
    from smsc._compiled import describe, interpreted, stale

    if stale() or (interpreted() and not allow_interpreted):
        message = f"bench: the build is {describe()}; run `make build`"
        raise NotCompiled(f"{message}, or measure it all the same with --allow-interpreted")


def describe(loop: str = "auto") -> dict[str, Any]:
    """Machine, build, interpreter, event loop, versions and the state of the source, JSON-ready."""
    from smsc._compiled import describe as build

    return {
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": platform.release(),
        "virtual": is_virtual(),
        "load_average": [round(value, 2) for value in os.getloadavg()],
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "compiler": platform.python_compiler(),
        "build": build(),
        "loop": loop_name(loop),
        "versions": {name: version(name) for name in PACKAGES},
        "sqlite": sqlite_version(),
        "commit": commit(),
    }


def cpu_name() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return platform.processor()
    found = re.search(r"model name\s*:\s*(.+)", text)
    return found[1] if found else platform.machine()


def is_virtual() -> bool:
    try:
        return "hypervisor" in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False


def loop_name(kind: str) -> str:
    from smsc.eventloop import loop_factory

    loop = loop_factory(kind)()
    try:
        return type(loop).__module__.partition(".")[0]
    finally:
        loop.close()


def version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def sqlite_version() -> str | None:
    try:
        import apsw
    except ImportError:
        return None
    return apsw.sqlite_lib_version()


def commit() -> str | None:
    """The commit, with `+` when the tree has changes."""
    git = ("git", "-C", str(ROOT))
    try:
        head = subprocess.run(
            [*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
        )
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--", "smsc"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def text(description: dict[str, Any]) -> str:
    """The description for people, on a few lines."""
    d = description
    versions = ", ".join(f"{name} {number}" for name, number in d["versions"].items() if number)
    return "\n".join(
        [
            f"machine  {d['cpu']}, {d['cores']} cores{', virtual' if d['virtual'] else ''}, "
            f"{d['memory_gib']} GiB, Linux {d['kernel']}, load {d['load_average'][0]}",
            f"build    {d['build']}, commit {d['commit']}, {d['python']}, {d['loop']}",
            f"with     {versions}, SQLite {d['sqlite']}",
        ]
    )


if __name__ == "__main__":
    sys.stdout.write(text(describe()) + "\n")
