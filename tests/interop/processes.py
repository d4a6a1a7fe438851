"""Foreign clients as processes of their own, and how a test talks with them."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, Queue
from typing import Any, NamedTuple

from tests.waiting import until

HERE = Path(__file__).parent


class Reply(NamedTuple):
    """What a foreign client was answered."""

    status: int
    message_id: str


class Events(dict[tuple[str, str], "Queue[dict[str, Any]]"]):
    """What has been seen, by ESME and tag; one queue for a key, whichever of two threads asks first.

    A defaultdict makes two when both ask at once, and what was put into the first is lost.
    """

    def __missing__(self, key: tuple[str, str]) -> Queue[dict[str, Any]]:
        return self.setdefault(key, Queue())


class ForeignClient:
    """A process with a foreign library in it, and all the handsets and ESMEs that it speaks for."""

    def __init__(self, library: str, smpp_address: str) -> None:
        self.library = library
        script = HERE / f"{library}_client.py"
        self.process = subprocess.Popen(
            [sys.executable, str(script), smpp_address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.events = Events()
        self.bound: set[str] = set()
        self.count = 0
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = json.loads(line)
            self.events[event["name"], event.get("tag", event["event"])].put(event)

    def _tell(self, **command: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def _hear(self, name: str, what: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = []

        def heard() -> bool:
            with contextlib.suppress(Empty):
                found.append(self.events[name, what].get(timeout=0.2))
            return bool(found) or self.process.poll() is not None

        def not_heard() -> str:
            errors = list(self.events[name, "error"].queue)
            return f"{self.library}: {name} has not seen {what!r}; errors: {errors}"

        until(heard, not_heard, meanwhile=lambda: None)
        if not found:
            assert self.process.stderr is not None
            raise AssertionError(f"{self.library} has ended:\n{self.process.stderr.read()}")
        return found[0]

    def bind(self, system_id: str, password: str = "1234") -> Handset:
        """A bind of this name, the one there is already if there is one."""
        if system_id not in self.bound:
            self._tell(do="bind", name=system_id, password=password)
            self._hear(system_id, "bound")
            self.bound.add(system_id)
        inbox = self.events[system_id, "delivered"]
        while not inbox.empty():
            inbox.get()
        return Handset(self, system_id)

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()


class Handset:
    """A handset, or an ESME, that lives in a foreign client's process."""

    def __init__(self, client: ForeignClient, name: str) -> None:
        self.client = client
        self.name = name

    def begin(self, destination: str, text: str = "Hei", source: str | None = None, **fields: int) -> str:
        """Submit; the tag under which ``answer`` finds what comes back."""
        self.client.count += 1
        tag = f"submission {self.client.count}"
        values: dict[str, object] = {
            "source_addr": self.name if source is None else source,
            "source_addr_ton": 1,
            "source_addr_npi": 1,
            "destination_addr": destination,
            "dest_addr_ton": 0,
            "dest_addr_npi": 1,
            "registered_delivery": 0,
        }
        self.client._tell(do="submit", name=self.name, tag=tag, text=text, **{**values, **fields})
        return tag

    def answer(self, tag: str) -> Reply:
        """The submit_sm_resp, waiting for it."""
        event = self.client._hear(self.name, tag)
        return Reply(event["status"], event["message_id"])

    def submit(self, destination: str, text: str = "Hei", source: str | None = None, **fields: int) -> Reply:
        """Submit and wait for the answer."""
        return self.answer(self.begin(destination, text, source, **fields))

    def ping(self) -> None:
        """An enquire_link and its answer: the server has read all that was sent before."""
        self.client._tell(do="ping", name=self.name)
        self.client._hear(self.name, "pong")

    def has_answer(self, tag: str) -> bool:
        """Whether the answer has been read by now."""
        return not self.client.events[self.name, tag].empty()

    def receive(self) -> dict[str, Any]:
        """The next deliver_sm, as the library shows it."""
        return self.client._hear(self.name, "delivered")
