"""`smsc serve --store postgresql://...`: over TCP, through deaths of the server, of PostgreSQL and of what is
between them."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from smsc.control import ControlError
from smsc.engine.engine import TABLES
from smsc.server.app import SCHEMA_VERSION
from smsc.store import inspection
from smsc.store.copying import copy
from smsc.testing.server import SmscHandle
from tests.esme import Esme
from tests.postgresql import Server
from tests.reliability.process import Process
from tests.reliability.traffic import Ledger, farm, hang_up
from tests.scenarios.binding import Bind
from tests.store.proxy import Proxy
from tests.waiting import until

KARI, OLA, PER = "4790000001", "4790000002", "4740000003"
WINDOW = 1_000  # limits.window_out: what one bind may have in flight, and get twice after a crash

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def database(postgresql: Server) -> str:
    return postgresql.database()


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A PostgreSQL that a test may kill."""
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def on(make_smsc: Callable[..., SmscHandle]) -> Callable[[str], SmscHandle]:
    """A server in this process on a store."""
    return lambda url: make_smsc(store={"url": url})


def send_many(bind: Bind, smsc: SmscHandle, count: int = 200) -> list[str]:
    kari: Esme = bind(KARI, at=smsc.smpp_address)
    return [kari.send(PER, f"nr. {number}", registered_delivery=1) for number in range(count)]


def receives_all(bind: Bind, smsc: SmscHandle, ids: list[str]) -> None:
    """What waits comes in order, and its receipts."""
    per = bind(PER, at=smsc.smpp_address)
    assert per.receive_all(len(ids)) == [f"nr. {number}" for number in range(len(ids))]
    kari = bind(KARI, at=smsc.smpp_address)
    assert [kari.receive_receipt().id for _ in ids] == ids


def test_a_restart_keeps_what_waits_and_people_can_ask_in_sql(
    postgresql: Server, database: str, on: Callable[[str], SmscHandle], bind: Bind
) -> None:
    smsc = on(postgresql.url(database))
    ids = send_many(bind, smsc)
    waiting = "SELECT count(*), min(destination), max(source) FROM messages WHERE state = 1"
    assert postgresql.query(database, waiting) == [(200, int(PER), int(KARI))]
    smsc.stop()
    smsc = on(postgresql.url(database))
    assert smsc.control("counters")["queue_messages"] == 200
    receives_all(bind, smsc, ids)
    assert smsc.message(ids[0]).state == "delivered"
    with pytest.raises(ControlError, match="no message"):
        smsc.message("1")


def test_a_second_server_is_refused_while_the_first_goes_on(
    postgresql: Server, database: str, on: Callable[[str], SmscHandle], bind: Bind, tmp_path: Path
) -> None:
    smsc = on(postgresql.url(database))
    second = subprocess.run(
        [sys.executable, "-m", "smsc", "serve", "--smpp-port", "0", "--http-port", "0"]
        + ["--store", postgresql.url(database)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert "is in use by process" in second.stderr
    assert bind(KARI, at=smsc.smpp_address).send(PER, "hei")


# --- deaths --------------------------------------------------------------------------------------------


def drain(server: Process, ledger: Ledger) -> None:
    """Everything that waits is delivered."""
    traffic = farm(server.host, server.port, ledger)
    traffic.run(60.0, submit=False, until_quiet=3.0)
    hang_up(traffic)


def test_kill_dash_nine_of_the_server_loses_nothing_acknowledged(
    postgresql: Server, database: str, tmp_path: Path
) -> None:
    ledger = Ledger()
    server = Process(tmp_path, "--store", postgresql.url(database))
    most = 0
    for seconds in (0.4, 1.1, 0.7):
        before = ledger.duplicates()
        with server:
            traffic = farm(server.host, server.port, ledger)
            traffic.run(seconds)
            server.kill()
            traffic.run(2.0, submit=False)
            hang_up(traffic)
        most = max(most, ledger.duplicates() - before)
    with server:
        drain(server, ledger)
        assert server.stop() == 0
    assert len(ledger.acknowledged) > 100
    assert not ledger.lost()
    assert most <= WINDOW
    assert len(set(ledger.ids)) == len(ledger.ids)


@pytest.mark.parametrize("how", ["postgresql_is_killed", "the_connection_is_cut_at_commit"])
def test_what_stands_behind_the_server_breaks_and_nothing_is_lost(
    own_server: Server, tmp_path: Path, how: str
) -> None:
    """The clients stay bound: nothing is acknowledged meanwhile, and everything in the end."""
    database = own_server.database()
    proxy = Proxy(own_server.port)
    ledger = Ledger()
    with Process(tmp_path, "--store", own_server.url(database, proxy.port)) as server:
        traffic = farm(server.host, server.port, ledger)
        traffic.run(0.5)
        for hear in (True, False, True):
            if how == "postgresql_is_killed":
                own_server.kill()
                starting = threading.Thread(target=own_server.start)
                starting.start()
                traffic.run(0.5)
                starting.join()
            else:
                cuts = proxy.cuts
                proxy.cut_at(b"COMMIT", hear=hear, of=b"COPY messages")
                until(lambda cuts=cuts: proxy.cuts > cuts, meanwhile=lambda: traffic.run(0.1))  # type: ignore[misc]
            traffic.run(1.0)
        until(lambda: not traffic.pending, meanwhile=lambda: traffic.run(0.2, submit=False))
        traffic.run(60.0, submit=False, until_quiet=3.0)
        hang_up(traffic)
        drain(server, ledger)
        assert not ledger.refused
        assert ledger.acknowledged == set(range(ledger.submitted))
        assert not ledger.lost()
        assert ledger.duplicates() == 0
        assert server.stop() == 0
    proxy.close()


def test_readiness_says_when_postgresql_is_away_and_service_returns_by_itself(
    own_server: Server, tmp_path: Path
) -> None:
    database = own_server.database()
    with Process(tmp_path, "--store", own_server.url(database)) as server:
        ledger = Ledger()
        traffic = farm(server.host, server.port, ledger, window=1)
        until(lambda: ledger.acknowledged, meanwhile=lambda: traffic.run(0.1))
        assert httpx.get(f"{server.url}/readyz").status_code == 200
        own_server.kill()
        told: list[str] = []

        def is_away() -> bool:
            answer = httpx.get(f"{server.url}/readyz")
            told.append(answer.text)
            return answer.status_code == 503

        until(is_away)
        assert "the store is away" in told[-1]  # with what PostgreSQL has said, or that it can not be reached
        traffic.run(0.5)  # what was answered before may still be on its way
        count = len(ledger.acknowledged)
        traffic.run(0.5)
        assert len(ledger.acknowledged) == count, "nothing is acknowledged meanwhile"
        own_server.start()
        until(lambda: httpx.get(f"{server.url}/readyz").status_code == 200)
        until(lambda: len(ledger.acknowledged) > count, meanwhile=lambda: traffic.run(0.1))
        hang_up(traffic)


# --- copies ----------------------------------------------------------------------------------------------


def test_a_backup_is_restored(
    postgresql: Server, database: str, on: Callable[[str], SmscHandle], bind: Bind, tmp_path: Path
) -> None:
    """As docs/nodes.md says: pg_dump beside the traffic, pg_restore into an empty database, and serve it."""
    smsc = on(postgresql.url(database))
    ids = send_many(bind, smsc)
    folder = postgresql.root
    postgresql.run(
        "pg_dump", "--format=custom", f"--file={folder}/backup", f"--dbname={postgresql.url(database)}"
    )
    bind(PER, at=smsc.smpp_address).receive_all(200)
    smsc.stop()
    restored = postgresql.database()
    postgresql.run("pg_restore", f"--dbname={postgresql.url(restored)}", "--no-owner", f"{folder}/backup")
    smsc = on(postgresql.url(restored))
    receives_all(bind, smsc, ids)
    later = bind(OLA, at=smsc.smpp_address).send(PER, "ny")
    assert later not in ids


def test_a_store_of_sqlite_is_copied_and_goes_on(
    postgresql: Server, database: str, on: Callable[[str], SmscHandle], bind: Bind, tmp_path: Path
) -> None:
    source, target = f"sqlite:{tmp_path}/smsc.db", postgresql.url(database)
    smsc = on(source)
    smsc.control("patch_subscriber", PER, {"zone": "bergen"})
    ids = send_many(bind, smsc)
    smsc.stop()
    done = subprocess.run(
        [sys.executable, "-m", "smsc", "store", "copy", source, target],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "200 messages" in done.stdout
    assert inspection.check(target) == []
    assert list(inspection.export(target)) == list(inspection.export(source))
    smsc = on(target)
    receives_all(bind, smsc, ids)
    assert int(bind(OLA, at=smsc.smpp_address).send(PER, "ny")) > max(map(int, ids))
    smsc.stop()
    back = f"sqlite:{tmp_path}/back.db"
    copy(target, back, TABLES, SCHEMA_VERSION)
    assert list(inspection.export(back)) == list(inspection.export(target))
