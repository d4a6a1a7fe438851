"""`make dist`, `make dist-all`: a source archive, wheels, a bill of materials and their hashes, in dist/.

The sources are the files that git knows, as they are. The wheels are built from the unpacked source archive,
so that it is known to be whole; zig is the C compiler, so that neither docker nor an old distribution is
needed and one machine builds for the others. Cython translates once: its C is the same for all of them.
All is dated by the last commit (or SOURCE_DATE_EPOCH): the same sources give the same octets.
"""

import argparse
import gzip
import hashlib
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tarfile
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import debian
import smoke

ROOT = Path(__file__).resolve().parent.parent

#: As old a C library as the interpreters that are supported run on.
GLIBC = "2.17"
MACHINES = ("x86_64", "aarch64")
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
RUNNING = f"{sys.version_info[0]}.{sys.version_info[1]}"
#: Folders below the work folder.
SOURCE, TOOLS, CACHE = "source", "tools", "zig"


@dataclass(frozen=True)
class Interpreter:
    version: str
    path: Path

    @property
    def tag(self) -> str:
        return "cp" + self.version.replace(".", "")


def interpreters(versions: Iterable[str]) -> list[Interpreter]:
    """Pythons that run here and have their headers, one a version: from PATH, then pyenv's, then out of
    Debian's packages. What is missing is said, it is no error."""
    found = []
    for version in versions:
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
        paths = [sys.executable] if version == RUNNING else []
        paths += [f"python{version}", *map(str, sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True))]
        for path in paths:
            probe = "import sys, sysconfig, pathlib as p; print(sys.executable) or sys.exit("
            probe += "not (p.Path(sysconfig.get_path('include'), 'Python.h').is_file()"
            probe += f" and sys.version_info[:2] == ({version.replace('.', ', ')})))"
            if shutil.which(path) is None:
                continue
            run = subprocess.run([path, "-c", probe], capture_output=True, text=True, check=False)
            if run.returncode == 0:
                found.append(Interpreter(version, Path(run.stdout.strip())))
                break
        else:
            try:
                found.append(Interpreter(version, debian.interpreter(version, ROOT / "build" / "pythons")))
            except debian.Unavailable as why:
                print(f"no wheels for CPython {version}: no such interpreter with its headers here; {why}")
    return found


def project() -> tuple[str, str]:
    """The distribution's name as files carry it, and its version."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return document["name"].replace("-", "_"), document["version"]


def epoch() -> int:
    """Seconds since 1970 that every file in an archive is dated with."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    asked = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return int(asked.stdout)


def run(command: Sequence[object], cwd: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run quietly; what it said is shown when it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout[-4000:]}")


class Build:
    """One build in a folder of its own. Two builds of the same sources give the same files."""

    def __init__(self, work: Path, out: Path) -> None:
        self.work, self.out = work, out
        self.name, self.version = project()
        self.source = work / SOURCE
        self.environment = {
            "SOURCE_DATE_EPOCH": str(epoch()),
            "PYTHONHASHSEED": "0",
            "ZIG_GLOBAL_CACHE_DIR": str(work / CACHE),
            "PATH": f"{work / TOOLS / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }
        os.umask(0o022)
        out.mkdir(parents=True, exist_ok=True)

    def install_tools(self) -> None:
        """What builds, in versions and octets that tools/requirements.txt holds fast; kept between builds."""
        wanted = ROOT / "tools" / "requirements.txt"
        stamp = self.work / TOOLS / "requirements.txt"
        if stamp.is_file() and stamp.read_bytes() == wanted.read_bytes():
            return
        self._environment(Interpreter(RUNNING, Path(sys.executable)), self.work / TOOLS, wanted)
        compiler = self.work / TOOLS / "bin" / "zcc"
        zig = next((self.work / TOOLS).glob("lib/python*/site-packages/ziglang/zig"))
        compiler.write_text(
            f'#!/bin/sh\nexec "{zig}" cc -target "${{ZIG_TARGET:?}}" "$@"\n', encoding="utf-8"
        )
        compiler.chmod(0o755)
        shutil.copy(wanted, stamp)

    def _environment(self, python: Interpreter, folder: Path, requirements: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        run([python.path, "-m", "venv", folder], ROOT)
        pip = [folder / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        run([*pip, "--require-hashes", "--only-binary=:all:", "-r", requirements], ROOT)

    def sdist(self) -> Path:
        """The source archive, and the folder that the wheels are built in: the archive, unpacked."""
        made = source_archive(self.work / TOOLS / "bin" / "python", self.work, self.out, epoch())
        shutil.rmtree(self.source, ignore_errors=True)
        with tarfile.open(made) as archive:
            archive.extractall(self.work, filter="data")
        (self.work / made.name.removesuffix(".tar.gz")).rename(self.source)
        # The wheels carry the documentation, which the server serves at /guide.
        site = self.source / "smsc" / "guide"
        run(
            [sys.executable, ROOT / "tools" / "docs.py", site],
            ROOT,
            {**self.environment, "SMSC_CYTHON": "skip"},
        )
        return made

    def wheel(self, python: Interpreter, machine: str) -> Path:
        """One wheel, for `machine`, whatever this one is: extensions do not ask what they are compiled on."""
        builder = self.work / f"python{python.version}"
        if not (builder / "bin" / "python").exists():
            self._environment(python, builder, ROOT / "tools" / "requirements-build.txt")
        for folder in ("lib*", "temp*", "bdist*"):
            for old in (self.source / "build").glob(folder):
                shutil.rmtree(old)
        raw = self.work / "raw"
        shutil.rmtree(raw, ignore_errors=True)
        bare = python.version.replace(".", "")
        environment = {
            **self.environment,
            "SMSC_CYTHON": "require",
            "ZIG_TARGET": f"{machine}-linux-gnu.{GLIBC}",
            "CC": "zcc",
            # An interpreter's own one can carry the paths of its installation into the wheel; the debug lines
            # of zig's runtime name the folder of its cache.
            "LDSHARED": "zcc -shared -s",
            "_PYTHON_HOST_PLATFORM": f"linux-{machine}",
            "SETUPTOOLS_EXT_SUFFIX": f".cpython-{bare}-{machine}-linux-gnu.so",
        }
        run(
            [builder / "bin" / "python", "setup.py", "-q", "bdist_wheel", "-d", raw], self.source, environment
        )
        (made,) = raw.glob("*.whl")
        repaired = self.work / "repaired"
        shutil.rmtree(repaired, ignore_errors=True)
        run(["auditwheel", "repair", "--plat", "auto", "-w", repaired, made], self.work, self.environment)
        (wheel,) = repaired.glob("*.whl")
        if "manylinux" not in wheel.name:
            sys.exit(f"{wheel.name} is for no manylinux: it needs more than the C library {GLIBC}")
        return Path(shutil.move(wheel, self.out / wheel.name))

    def bill_of_materials(self) -> Path:
        """CycloneDX: the distribution, and what an installation by the lock file puts beside it."""
        made = self.out / f"{self.name}-{self.version}.cdx.json"
        command = ["cyclonedx-py", "requirements", ROOT / "deploy" / "requirements.txt"]
        command += [
            "--pyproject",
            ROOT / "pyproject.toml",
            "--output-reproducible",
            "--of",
            "JSON",
            "-o",
            made,
        ]
        run(command, self.work, self.environment)
        return made


def source_archive(python: Path, work: Path, out: Path, epoch: int) -> Path:
    """What setuptools takes of the files that git knows; `python` is one that has setuptools."""
    tree, raw = work / "tree", work / "raw"
    for folder in (tree, raw):
        shutil.rmtree(folder, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for path in filter(None, listed.decode().split("\0")):
        if (ROOT / path).is_file():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, tree / path)
    run([python, "setup.py", "-q", "sdist", "-d", raw], tree, {"SMSC_CYTHON": "skip"})
    (packed,) = raw.iterdir()
    made = out / packed.name
    made.write_bytes(dated(packed.read_bytes(), epoch))
    return made


def dated(archive: bytes, moment: int) -> bytes:
    """The same tar.gz, sorted, of nobody and of one moment."""
    packed = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(archive)) as old,
        gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=moment) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as new,
    ):
        for member in sorted(old.getmembers(), key=lambda member: member.name):
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mtime = moment
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            member.pax_headers = {}
            new.addfile(member, old.extractfile(member) if member.isfile() else None)
    return packed.getvalue()


def hashes(out: Path) -> None:
    files = sorted(path for path in out.iterdir() if path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (out / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def used() -> tuple[float, float]:
    """CPU seconds of all children so far, and the wall clock."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime, time.monotonic()


def build(
    work: Path, out: Path, pythons: Sequence[Interpreter], machines: Sequence[str], tried: bool
) -> list[Path]:
    """Everything, with a line on each file as it is done."""
    shutil.rmtree(out, ignore_errors=True)
    work.mkdir(parents=True, exist_ok=True)
    made, before = [], used()

    def done(path: Path, remark: str = "") -> None:
        nonlocal before
        now = used()
        size, spent = path.stat().st_size / 1e6, f"{now[0] - before[0]:.0f} CPU s, {now[1] - before[1]:.0f} s"
        print(f"{path.name}: {size:.1f} MB, {spent}{remark}", flush=True)
        made.append(path)
        before = now

    task = Build(work, out)
    task.install_tools()
    done(task.sdist())
    for python in pythons:
        for machine in machines:
            wheel = task.wheel(python, machine)
            done(
                wheel, f"; {smoke.wheel(wheel, python.path, python.version, machine, work)}" if tried else ""
            )
    done(task.bill_of_materials())
    hashes(out)
    return made


def differences(first: Path, second: Path) -> list[str]:
    """The names whose octets differ, or that only one of two folders has."""
    names = {path.name for folder in (first, second) for path in folder.iterdir()}
    return sorted(
        name
        for name in names
        if not (first / name).is_file()
        or not (second / name).is_file()
        or (first / name).read_bytes() != (second / name).read_bytes()
    )


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python tools/dist.py", description=__doc__)
    parser.add_argument("--all", action="store_true", help="every CPython that is here, not only this one")
    parser.add_argument("--twice", action="store_true", help="build again elsewhere, and compare the octets")
    parser.add_argument("--python", action="append", choices=VERSIONS, help="this CPython; may be repeated")
    parser.add_argument("--here", action="store_true", help="for this machine only")
    options = parser.parse_args(argv)
    pythons = interpreters(options.python or (VERSIONS if options.all else [RUNNING]))
    machines = [os.uname().machine] if options.here else MACHINES
    work, out = ROOT / "build" / "dist", ROOT / "dist"
    build(work, out, pythons, machines, tried=True)
    print(
        "no musllinux wheels: no CPython on musl is here to try them, and what was not tried is not published"
    )
    if options.twice:
        again = ROOT / "build" / "dist-again"
        shutil.rmtree(again, ignore_errors=True)
        build(again, again / "out", pythons, machines, tried=False)
        if differing := differences(out, again / "out"):
            print(f"NOT REPRODUCIBLE: {json.dumps(differing)}; kept in {out} and {again / 'out'}")
            return 1
        print("reproducible: two builds in two folders are equal octet for octet")
        shutil.rmtree(again)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
