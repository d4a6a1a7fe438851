"""`smsc serve` as a process of its own, to be killed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.waiting import Took, until


class Process:
    """Started with ``start``; ``ready_after`` is how long it took until both ports accepted."""

    def __init__(self, directory: Path, *options: str, **environment: str) -> None:
        self.directory = directory
        self.options = options
        self.environment = environment
        self.ready_after = Took()
        self.address: dict[str, Any] = {}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Process":
        ready = self.directory / "ready.json"
        ready.unlink(missing_ok=True)
        with open(self.directory / "log.txt", "ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "smsc", "serve", "--smpp-port", "0", "--http-port", "0"),
                    *("--store", f"sqlite:{self.directory}/smsc.db", "--ready-file", str(ready)),
                    *self.options,
                ],
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
            )
        process = self.process
        with self.ready_after:
            until(lambda: ready.exists() or process.poll() is not None, self._silent)
        if not ready.exists():
            raise AssertionError(self._silent())
        self.address = json.loads(ready.read_text())
        return self

    def _silent(self) -> str:
        return f"the server did not start:\n{self.log()}"

    def log(self) -> str:
        return (self.directory / "log.txt").read_text(errors="replace")

    @property
    def host(self) -> str:
        return str(self.address["smpp"]).rpartition(":")[0]

    @property
    def port(self) -> int:
        return int(str(self.address["smpp"]).rpartition(":")[2])

    @property
    def url(self) -> str:
        return f"http://{self.address['http']}"

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)

    def stop(self, timeout: float = 15.0) -> int:
        """SIGTERM; the exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(timeout)

    def memory(self) -> int:
        """Resident octets."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    def descriptors(self) -> int:
        """Open file descriptors."""
        assert self.process is not None
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def __enter__(self) -> "Process":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()
