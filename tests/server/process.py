"""``smsc serve`` as a process of its own, and how a test talks with it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 30.0


class ServerProcess:
    """``python -m smsc serve`` in a folder of its own, ready when the constructor returns."""

    def __init__(
        self, folder: Path, *options: str, settings: Mapping[str, str] | None = None, clock: str = "manual"
    ) -> None:
        self.ready_file = folder / "ready.json"
        self.ready_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "smsc", "serve", "--smpp-port", "0", "--http-port", "0"]
        command += ["--clock", clock, "--ready-file", str(self.ready_file), *options]
        given = {f"SMSC_{name.upper()}": value for name, value in (settings or {}).items()}
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **given}
        with (folder / "server.log").open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
            )
        self.log = folder / "server.log"
        assert self.process.stdout is not None
        self.ready_line = self.process.stdout.readline().strip()
        assert self.ready_line, self.log.read_text()
        self.addresses = dict(word.split("=") for word in self.ready_line.split()[1:])
        self.smpp_address = self.addresses["smpp"]
        self.api = httpx.Client(
            base_url=f"http://{self.addresses['http']}/api/v1", timeout=PATIENCE, trust_env=False
        )

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One call of the control API that must succeed; its JSON."""
        answer = self.api.request(method, path, json=body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def advance(self, **how: object) -> dict[str, Any]:
        """Move the manual clock: ``seconds=``, ``to=`` or ``until=``."""
        told: dict[str, Any] = self.call("POST", "/clock/advance", how)
        return told

    def message(self, message_id: str) -> dict[str, Any]:
        """A message with its timeline."""
        told: dict[str, Any] = self.call("GET", f"/messages/{message_id}")
        return told

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self._end()

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        self.process.terminate()
        return self._end()

    def _end(self) -> int:
        self.api.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.returncode
