"""Servers under measurement as child processes: pinned, bounded in time, and gone afterwards whatever
happens."""

import atexit
import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "bench" / ".cache"

#: No server of a benchmark lives longer than this many seconds.
LIFETIME = 300
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None)
_alive: set["Child"] = set()


class ChildError(Exception):
    """A server did not start; the text says why."""


class Child:
    """A server that says `ready smpp=HOST:PORT` on stdout. Use as a context manager.

    `cpus` are the cores it may run on; its whole process group ends with the block, with this process, or
    after `lifetime` seconds, whichever comes first."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        cpus: Sequence[int] | None = None,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        patience: float = 30.0,
        lifetime: float = LIFETIME,
        stop_patience: float = 10.0,
    ) -> None:
        self.name = name
        self.stop_patience = stop_patience
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the block)
        self.process = subprocess.Popen(
            argv,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            start_new_session=True,
            preexec_fn=lambda: _before_exec(cpus),  # noqa: PLW1509 (system calls only)
        )
        _alive.add(self)
        self.pid = self.process.pid
        self.timer = threading.Timer(lifetime, self.kill)
        self.timer.daemon = True
        self.timer.start()
        self.ready = self._wait_ready(patience)
        host, _, port = self.ready["smpp"].rpartition(":")
        self.host, self.port = host, int(port)

    def _wait_ready(self, patience: float) -> dict[str, str]:
        """The words of the ready line; a child that is silent too long is killed, which ends the reading."""
        impatient = threading.Timer(patience, self.kill)
        impatient.start()
        assert self.process.stdout is not None
        try:
            for line in self.process.stdout:
                if line.startswith("ready smpp="):
                    return dict(word.split("=", 1) for word in line.split()[1:])
        finally:
            impatient.cancel()
        self.stop()
        raise ChildError(f"{self.name} did not start: {self.said() or 'no word of it'}")

    def said(self) -> str:
        """The end of what the child wrote to stderr."""
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").strip()[-2000:]

    def cpu_seconds(self) -> float:
        """CPU time of all its threads and processes so far, user and system, to the nanosecond."""
        return sum(_cpu_ns(pid) for pid in _family(self.pid)) / 1e9

    def resident(self) -> int:
        """Resident octets of its processes."""
        total = 0
        for pid in _family(self.pid):
            try:
                total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            except OSError:
                continue
        return total

    def alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def stop(self) -> None:
        """SIGTERM, some patience, SIGKILL for the whole group."""
        self.timer.cancel()
        if self.alive():
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.stop_patience)
        self.kill()
        self.process.wait()
        _alive.discard(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.errors.close()


def _before_exec(cpus: Sequence[int] | None) -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if cpus is not None:
        os.sched_setaffinity(0, cpus)


@atexit.register
def _kill_all() -> None:
    for child in list(_alive):
        child.kill()


def _family(pid: int) -> list[int]:
    """The process and its descendants."""
    found = [pid]
    for parent in found:
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                text = Path(f"/proc/{parent}/task/{task}/children").read_text()
                found += [int(child) for child in text.split()]
        except OSError:
            continue
    return found


def _cpu_ns(pid: int) -> int:
    """All threads, those that have ended included (which the per-thread files do not show)."""
    try:
        tasks = sum(int(p.read_text().split()[0]) for p in Path(f"/proc/{pid}/task").glob("*/schedstat"))
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return 0
    ticks = (int(fields[11]) + int(fields[12])) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
    return max(tasks, ticks)


def free_port() -> int:
    """A port that was free just now, for servers that cannot pick one themselves."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def limit(cpus: Sequence[int] | None = None, deliver: bool = False) -> Child:
    """The C server that only frames and answers, compiled when its source is newer."""
    source, built = ROOT / "bench" / "limit.c", CACHE / "limit"
    if not built.exists() or built.stat().st_mtime < source.stat().st_mtime:
        compiler = shutil.which(os.environ.get("CC", "cc")) or shutil.which("gcc")
        if compiler is None:
            raise ChildError("no C compiler: the physical limit cannot be measured")
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run([compiler, "-O2", "-o", str(built), str(source)], check=True)
    return Child("limit", [str(built), *(["-d"] if deliver else [])], cpus)


class Smsc(Child):
    """`smsc serve` as a user starts it: the demo world, its defaults, all checks; only ports and store are
    given.

    `store` is `memory:` or `sqlite:` for a database in a fresh directory that goes with the block."""

    def __init__(
        self,
        store: str = "memory:",
        cpus: Sequence[int] | None = None,
        config: Path | None = None,
        env: dict[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="smsc-bench-"))
        atexit.register(shutil.rmtree, self.directory, ignore_errors=True)
        url = f"sqlite:{self.directory / 'smsc.db'}" if store == "sqlite:" else store
        argv = [sys.executable, "-m", "smsc", "serve", "--smpp-port", "0", "--http-port", "0", "--store", url]
        argv += ["--config", str(config)] if config else []
        argv += options
        super().__init__("smsc", argv, cpus, env={"PYTHONPATH": str(ROOT), **(env or {})}, cwd=self.directory)

    def __exit__(self, *exc: object) -> None:
        super().__exit__(*exc)
        shutil.rmtree(self.directory, ignore_errors=True)


def settle(child: Child, still: float = 0.02, patience: float = 10.0) -> None:
    """Wait until the child has used less than `still` of a core for a while, so that no figure pays for the
    last one."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        before = child.cpu_seconds()
        time.sleep(0.2)
        if (child.cpu_seconds() - before) / 0.2 < still:
            return
