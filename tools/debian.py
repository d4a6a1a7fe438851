"""Interpreters out of Debian's packages, for versions that this machine has none of: unpacked below the work
folder, nothing is installed and nothing of them is run with rights.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

#: CPython -> the suite of Debian that has it; no suite has 3.12.
SUITES = {"3.11": "bookworm", "3.13": "trixie", "3.14": "forky"}
#: As Debian and as wheels name a machine.
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
NEEDED = ("mmdebstrap", "patchelf")


class Unavailable(Exception):
    """There is no such interpreter to be had here; the text says why."""


def root(version: str, machine: str, work: Path, *more: str, variant: str = "extract") -> Path:
    """Debian's interpreter for a machine, with `more` packages, unpacked (or, as another variant of
    mmdebstrap, configured too); kept between builds."""
    suite = SUITES.get(version)
    if suite is None:
        raise Unavailable(f"Debian has no CPython {version}")
    if shutil.which("mmdebstrap") is None:
        raise Unavailable("apt-get install mmdebstrap")
    found = work / f"{suite}-{MACHINES[machine]}"
    if (found / "usr" / "bin" / f"python{version}").exists():
        return found
    work.mkdir(parents=True, exist_ok=True)
    part = found.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    packages = ",".join((f"python{version}", f"python{version}-venv", "libstdc++6", "tzdata", *more))
    mode = "root" if os.geteuid() == 0 else "unshare"
    command = ["mmdebstrap", "--quiet", f"--mode={mode}", f"--variant={variant}"]
    command += [f"--architectures={MACHINES[machine]}", f"--include={packages}"]
    # A suite in the making is not signed anew where the mirror or the clock stands still.
    command += ['--aptopt=Acquire::Check-Valid-Until "false"', suite, str(part)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"mmdebstrap {suite}: {done.stderr.strip()[-300:]}")
    for name in ("lib", "lib64"):  # what newer suites leave to a package of their own
        if not (part / name).exists() and (part / "usr" / name).exists():
            (part / name).symlink_to(f"usr/{name}")
    part.rename(found)
    return found


def interpreter(version: str, work: Path) -> Path:
    """An interpreter of this machine's kind, with headers, that runs outside of its Debian: it finds the C
    library that it was linked with, its headers and its pip below its own folder."""
    if missing := [name for name in NEEDED if shutil.which(name) is None]:
        raise Unavailable(f"apt-get install {' '.join(missing)}")
    machine = os.uname().machine
    below = root(version, machine, work, f"libpython{version}-dev") / "usr"
    python = below / "bin" / f"python{version}"
    if python.with_suffix(".moved").exists():
        return python
    libraries = below / "lib" / f"{machine}-linux-gnu"
    (loader,) = libraries.glob("ld-linux-*.so.*")
    subprocess.run(
        ["patchelf", "--set-interpreter", loader, "--force-rpath", "--set-rpath", libraries, python],
        check=True,
    )
    # Debian's pyconfig.h includes that of the machine by its place below /usr/include; types do not differ.
    own = below / "include" / f"{machine}-linux-gnu" / f"python{version}" / "pyconfig.h"
    if own.is_file():
        shutil.copy(own, below / "include" / f"python{version}" / "pyconfig.h")
    for module in filter(Path.is_file, (below / "lib" / f"python{version}").rglob("*.py")):
        text = module.read_text(encoding="utf-8", errors="surrogateescape")
        moved = re.sub(r"(?<![\w/])/usr/share/python-wheels", f"{below}/share/python-wheels", text)
        if moved != text:
            module.write_text(moved, encoding="utf-8", errors="surrogateescape")
    python.with_suffix(".moved").touch()
    return python
