"""`make image`: the container image of deploy/Dockerfile, from the wheel, and tried the way it is to be run.

Nothing is compiled or fetched while the image is built: its context is the wheel, its dependencies' wheels by
deploy/requirements.txt, and a base made of Debian's packages (`--base` takes another that buildah can pull).
buildah and podman work in folders below build/, without a daemon, and leave nothing elsewhere.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import smoke

import dist

ROOT = Path(__file__).resolve().parent.parent

DEBIAN, PYTHON = "bookworm", "3.11"
PACKAGES = "python3,python3-venv,ca-certificates,tzdata,libstdc++6,base-files,base-passwd,dash,coreutils"
LEFT_OUT = ("doc", "man", "locale", "info", "lintian")
#: Program -> the Debian package that has it.
NEEDED = {
    "buildah": "buildah",
    "podman": "podman",
    "runc": "runc",
    "conmon": "conmon",
    "mmdebstrap": "mmdebstrap",
}
HARDENED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=none"]
USER = 10001

Engine = Callable[..., str]


def words(program: str, work: Path) -> list[str]:
    """The beginning of a command of buildah or podman, with all state in a folder of ours."""
    common = [program, f"--root={work / 'storage'}", f"--runroot={work / 'run'}", "--storage-driver=vfs"]
    if program == "buildah":
        return common
    return [
        *common,
        f"--runtime={shutil.which('runc')}",
        "--cgroup-manager=cgroupfs",
        "--events-backend=none",
    ]


def engine(program: str, work: Path) -> Engine:
    """Runs a command, ends with what it said when it fails, answers with what it printed."""

    def call(*arguments: object, status: Sequence[int] = (0,)) -> str:
        command = [*words(program, work), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=work)
        if done.returncode not in status:
            sys.exit(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout.strip()

    return call


def debian(root: Path) -> None:
    """The base: Debian's own Python and what it needs, without documentation. Kept between builds."""
    if (root / "usr" / "bin" / f"python{PYTHON}").exists():
        return
    options = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in LEFT_OUT]
    mode = "root" if os.geteuid() == 0 else "unshare"
    command = ["mmdebstrap", "--quiet", f"--mode={mode}", "--variant=extract", *options]
    part = root.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    dist.run([*command, f"--include={PACKAGES}", DEBIAN, part], ROOT)
    part.rename(root)


def base(buildah: Engine, work: Path) -> str:
    """Debian's root as an image of its own."""
    debian(work / "debian")
    container = buildah("from", "scratch")
    buildah("add", "--quiet", container, work / "debian", "/")
    buildah("commit", "--quiet", "--format=docker", "--rm", container, "smsc-base")
    return "localhost/smsc-base"


def context(folder: Path, wheel: Path) -> None:
    """The Dockerfile's context: the lock file, every wheel, and the empty folder for the store."""
    shutil.rmtree(folder, ignore_errors=True)
    wheels = folder / "wheels"
    (folder / "data").mkdir(parents=True)
    (folder / "data").chmod(0o700)
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download", "--no-deps"]
    command += ["--require-hashes", "--only-binary=:all:", "-r", str(smoke.LOCK), "-d", str(wheels)]
    command += ["--implementation=cp", f"--python-version={PYTHON}"]
    for platform in ("manylinux2014", "manylinux_2_17", "manylinux_2_28"):
        command.append(f"--platform={platform}_{os.uname().machine}")
    dist.run(command, ROOT)
    shutil.copy(smoke.LOCK, folder / "requirements.txt")
    shutil.copy(wheel, wheels)


def build(work: Path, image: str, base_image: str | None) -> None:
    task = dist.Build(ROOT / "build" / "dist", work / "wheel")
    python = dist.interpreters([PYTHON])
    if not python:
        sys.exit(f"the image's Python is {DEBIAN}'s: its wheel needs a CPython {PYTHON} with headers here")
    task.install_tools()
    task.sdist()
    context(work / "context", task.wheel(python[0], os.uname().machine))
    buildah = engine("buildah", work)
    chosen = base_image or base(buildah, work)
    # The format of docker: the other one has no HEALTHCHECK.
    options = [
        "--isolation=chroot",
        "--format=docker",
        "--quiet",
        "--network=host",
        f"--build-arg=BASE={chosen}",
    ]
    buildah(
        "bud",
        *options,
        f"--timestamp={dist.epoch()}",
        "-f",
        ROOT / "deploy" / "Dockerfile",
        "-t",
        image,
        work / "context",
    )


def attempt(work: Path, image: str) -> str:
    """Run it read-only, without rights and network; a message goes through it, and it stops in time."""
    podman = engine("podman", work)
    # The server's own store in a volume of its own; a machine's default limits can be above what it grants.
    limits = ["--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096", "--tmpfs=/tmp"]
    token = ["--env=SMSC_HTTP__TOKEN=tried"]
    container = podman("create", *HARDENED, *limits, *token, image)
    try:
        begun = time.monotonic()
        podman("start", container)
        while "healthy" not in healthy(podman, container):
            if time.monotonic() - begun > smoke.PATIENCE:
                sys.exit(f"never healthy: {podman('logs', container)}")
        started = time.monotonic() - begun
        inside(podman, container)
        smsc = [*words("podman", work), "exec", container, "smsc"]
        smoke.compiled(smsc, os.environ)
        smoke.exchange(smsc, os.environ, "2775")
        begun = time.monotonic()
        podman("stop", "--time=10", container)
        stopped = time.monotonic() - begun
        if (code := podman("inspect", "--format={{.State.ExitCode}}", container)) != "0":
            sys.exit(f"stopped with exit status {code}: {podman('logs', container)}")
    finally:
        podman("rm", "--force", "--volumes", container)
    return f"healthy after {started:.1f} s, a message and its receipt, stopped in {stopped:.1f} s"


def healthy(podman: Engine, container: str) -> str:
    """Asks now: the timer of a health check needs systemd."""
    podman("healthcheck", "run", container, status=(0, 1, 125))
    return podman("inspect", "--format={{.State.Health.Status}}", container)


def inside(podman: Engine, container: str) -> None:
    """Nobody in particular, who may write nowhere but where the store is."""
    code = "import os; print(os.getuid(), os.access('/opt/smsc', os.W_OK), os.access('/data', os.W_OK))"
    if (seen := podman("exec", container, "python", "-c", code)) != f"{USER} False True":
        sys.exit(f"uid, /opt/smsc writable, /data writable: {seen}, expected {USER} False True")
    code = "import shutil; print(*filter(shutil.which, ('cc', 'gcc', 'pip')))"
    if seen := podman("exec", container, "python", "-c", code):
        sys.exit(f"the image holds what only builds need: {seen}")
    code = "import psycopg; print(psycopg.pq.__impl__)"
    if (seen := podman("exec", container, "python", "-c", code)) != "binary":
        sys.exit(f"--store postgresql: has psycopg's implementation {seen}, expected binary")


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python tools/image.py", description=__doc__)
    parser.add_argument("--base", help="an image with Python 3.11 instead of the base made here")
    options = parser.parse_args(argv)
    if missing := [package for program, package in NEEDED.items() if shutil.which(program) is None]:
        sys.exit(f"apt-get install --no-install-recommends {' '.join(missing)}")
    work = ROOT / "build" / "image"
    work.mkdir(parents=True, exist_ok=True)
    image = f"smsc-emulator:{dist.project()[1]}"
    build(work, image, options.base)
    podman = engine("podman", work)
    archive = work / f"smsc-emulator-{dist.project()[1]}.tar"
    archive.unlink(missing_ok=True)
    podman("save", "--quiet", "--format=docker-archive", "-o", archive, image)
    size = int(podman("image", "inspect", "--format={{.Size}}", image)) / 1e6
    said = f"{image}: {size:.0f} MB, {archive.relative_to(ROOT)} {archive.stat().st_size / 1e6:.0f} MB"
    print(f"{said}; {attempt(work, image)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
