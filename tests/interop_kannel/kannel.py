"""Kannel's bearerbox and smsbox as two processes, and the web server that Kannel reports to."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.waiting import until

PATIENCE = 30.0


def required(*programs: str) -> list[str]:
    """The paths of the programs; skips the test when one is absent, fails it where CI is to have them."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
    found = [shutil.which(program, path=path) for program in programs]
    missing = [program for program, place in zip(programs, found, strict=True) if place is None]
    if missing:
        reason = f"{', '.join(missing)} is not installed (Debian: apt-get install kannel tshark)"
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI requires the foreign programs: {reason}")
        pytest.skip(reason)
    return [place for place in found if place is not None]


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now; Kannel cannot choose its own."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Reports:
    """A web server that keeps what Kannel tells it: the query of each call, by path."""

    def __init__(self) -> None:
        self.calls: dict[str, Queue[dict[str, str]]] = {"/mo": Queue(), "/dlr": Queue()}
        reports = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                query = parse_qs(url.query, keep_blank_values=True, encoding="utf-8")
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                reports.calls[url.path].put({name: values[0] for name, values in query.items()})

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def next(self, path: str) -> dict[str, str]:
        """The next call of a path, waiting for it."""
        return self.calls[path].get(timeout=PATIENCE)

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


CONFIG = """
group = core
admin-port = {admin}
admin-interface = "127.0.0.1"
admin-password = status
smsbox-port = {box}
smsbox-interface = "127.0.0.1"
dlr-storage = internal
log-level = 0

group = smsc
smsc = smpp
smsc-id = ours
host = "{host}"
port = {port}
transceiver-mode = true
smsc-username = "{system_id}"
smsc-password = "{password}"
system-type = ""
interface-version = 34
source-addr-ton = 1
source-addr-npi = 1
dest-addr-ton = 1
dest-addr-npi = 1
reconnect-delay = 1
enquire-link-interval = 5

group = smsbox
bearerbox-host = "127.0.0.1"
sendsms-port = {web}
sendsms-interface = "127.0.0.1"
global-sender = "{number}"
mo-recode = true

group = sendsms-user
username = tester
password = secret
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "{reports}/mo?from=%p&to=%P&text=%b&coding=%c"
"""


class Kannel:
    """Both boxes, bound to the server when the constructor returns."""

    def __init__(
        self, folder: Path, smpp_address: str, system_id: str, password: str, number: str, reports: Reports
    ) -> None:
        bearerbox, smsbox = required("bearerbox", "smsbox")
        self.admin, box, web = free_ports(3)
        self.reports = reports
        self.web = f"http://127.0.0.1:{web}/cgi-bin/sendsms"
        self.folder = folder
        host, _, port = smpp_address.rpartition(":")
        config = folder / "kannel.conf"
        config.write_text(
            CONFIG.format(
                admin=self.admin,
                box=box,
                web=web,
                host=host,
                port=port,
                system_id=system_id,
                password=password,
                number=number,
                reports=reports.url,
            )
        )
        self.processes: list[subprocess.Popen[bytes]] = []
        try:
            self._start(bearerbox, config)
            self._wait(lambda: "online" in self.status(), "bearerbox is not bound")
            self._start(smsbox, config)
            self._wait(lambda: self._accepts(web), "smsbox does not listen")
            self._wait(lambda: "smsbox" in self.status(), "smsbox is not connected")
        except BaseException:
            self.close()
            raise

    def _start(self, program: str, config: Path) -> None:
        with (self.folder / f"{Path(program).name}.log").open("wb") as log:
            self.processes.append(
                subprocess.Popen(
                    [program, "-v", "0", str(config)], cwd=self.folder, stdout=log, stderr=subprocess.STDOUT
                )
            )

    def _wait(self, condition: object, otherwise: str) -> None:
        assert callable(condition)

        def holds() -> bool:
            ended = [process.poll() for process in self.processes]
            assert ended == [None] * len(ended), f"{otherwise}\n{self.logs()}"
            return bool(condition())

        until(holds, lambda: f"{otherwise}\n{self.logs()}")

    @staticmethod
    def _accepts(port: int) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            return True
        return False

    def status(self) -> str:
        """What bearerbox says of itself; "" while it does not answer."""
        with contextlib.suppress(httpx.HTTPError):
            url = f"http://127.0.0.1:{self.admin}/status.txt?password=status"
            return httpx.get(url, timeout=5.0, trust_env=False).text
        return ""

    def send(self, to: str, text: str, **options: str) -> None:
        """Submit through smsbox, asking for the report of its delivery."""
        asked = {"dlr-mask": "31", "dlr-url": f"{self.reports.url}/dlr?type=%d&answer=%A&id=%F&to=%p"}
        query = {"username": "tester", "password": "secret", "to": to, "text": text, "charset": "UTF-8"}
        answer = httpx.get(self.web, params={**query, **asked, **options}, timeout=PATIENCE, trust_env=False)
        assert answer.status_code == 202, answer.text

    def logs(self) -> str:
        """What both boxes have written, the end of it."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-4000:]}"
            for path in sorted(self.folder.glob("*box.log"))
        )

    def close(self) -> None:
        """End both; the smsbox first."""
        for process in reversed(self.processes):
            process.terminate()
        for process in reversed(self.processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
