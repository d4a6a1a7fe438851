"""Retention in real time, and the erasure of one number."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from smsc.control.messages.retention import DAY, Retention
from smsc.services.base import Journal
from smsc.services.short_codes.charging import Caps, Charge, Charges
from smsc.store.inspection import check
from smsc.testing.server import SmscHandle, start_smsc
from tests.peer import Peer
from tests.reliability.process import Process
from tests.reliability.test_kill import queue_up
from tests.reliability.test_shutdown import STALL, StallWatch
from tests.waiting import Took, until

NUMBER = "4790077777"


def test_what_ended_too_long_ago_in_real_time_is_past_its_time() -> None:
    retention = Retention(7)
    assert retention.mark(0, 1_000_000) == 0
    assert retention.mark(3 * DAY, 500 * DAY) == 0  # the SMSC's clock runs ahead
    assert retention.mark(7 * DAY, 600 * DAY) == 1_000_000
    assert retention.mark(8 * DAY, 600 * DAY) == 1_000_000
    assert retention.mark(10 * DAY, 600 * DAY) == 500 * DAY


def test_marks_are_few_and_survive_a_restart() -> None:
    retention = Retention(7)
    for minute in range(14 * 24 * 60):
        if retention.is_due(minute * 60_000):
            retention.mark(minute * 60_000, minute)
    assert len(retention.marks) <= 103
    again = Retention(7)
    again.restore(retention.record())
    assert again.marks == retention.marks
    assert not Retention(0).is_due(DAY)


def serve(path: Path, **settings: Any) -> SmscHandle:
    return start_smsc(store={"url": f"sqlite:{path}", **settings}, limits={"shutdown": "1s"})


def test_finished_messages_are_pruned_whatever_their_end(tmp_path: Path) -> None:
    path = tmp_path / "smsc.db"
    with serve(path) as smsc:
        smsc.send("4790000001", "4798765432", "to nobody")
        kept = smsc.send("4790000001", "4790000002", "waits")
        smsc.clock.advance("1h")
        assert smsc.messages(state="undeliverable")
        maintain = smsc.server.control.maintain
        for day in range(9):
            smsc.submit(_call(maintain, day * DAY)).result(10)
        smsc.submit(smsc.server.committed()).result(10)
    with serve(path) as smsc:
        assert [message.id for message in smsc.messages()] == [kept.id]


async def _call(call: Callable[[int], None], real_now: int) -> None:
    call(real_now)


# --- erasure -------------------------------------------------------------------------------------

#: The number as text and as the store's integer.
FORMS = (NUMBER.encode(), NUMBER[2:].encode(), int(NUMBER).to_bytes(6, "big"))
TEXTS = (b"finished, from", b"finished, to", b"waiting ", b"scheduled for", b"held back")


def traces(path: Path) -> dict[str, int]:
    """Where in the files of a store the number or a text of its messages stands, to the octet."""
    found: dict[str, Any] = {}
    for file in (path, path.with_name(f"{path.name}-wal")):
        octets = file.read_bytes() if file.exists() else b""
        found |= {f"{what!r} in {file.name}": octets.count(what) for what in FORMS + TEXTS if what in octets}
    return found


def answers(api: httpx.Client) -> Iterator[tuple[str, str]]:
    """Every GET of the API that needs no parameter, and those of which the filters name the number."""
    paths = api.get("/openapi.json").json()["paths"]
    for path, operations in paths.items():
        if "get" in operations and "{" not in path and path != "/api/v1/events":
            yield path, api.get(path).text
    for query in ("source", "destination"):
        yield query, api.get("/api/v1/messages", params={query: NUMBER}).text
    for session in api.get("/api/v1/sessions").json()["sessions"]:
        yield "session", api.get(f"/api/v1/sessions/{session['id']}").text
        yield "session's PDUs", api.get(f"/api/v1/sessions/{session['id']}/pdus").text


def leave_traces(server: Process, other: Peer) -> Peer:
    """Everything that an SMSC may know of a number; the session that stays bound."""
    api = httpx.Client(base_url=f"{server.url}/api/v1")
    with Peer(server.host, server.port) as stranger:
        assert stranger.bind(NUMBER, "guess") == 0x0D
    peer = Peer(server.host, server.port)
    assert peer.bind(NUMBER) == 0
    for _ in range(30):
        assert peer.submit(OTHER, b"finished, from", source=NUMBER, registered_delivery=1).status == 0
    other.deliveries(30)
    peer.deliveries(30)  # receipts
    assert other.submit(NUMBER, b"finished, to", source=OTHER, registered_delivery=1).status == 0
    peer.deliveries(1)
    other.deliveries(1)
    schedule = b"000001000000000R"
    assert peer.submit(OTHER, b"scheduled for", source=NUMBER, schedule_delivery_time=schedule).status == 0
    for code, text in (("2097", b"QUIZ"), ("112", b"not registered")):
        order = peer.submit_pdu(code, text, source=NUMBER)
        order.fields["dest_addr_ton"] = 0
        peer.ask(order)
    peer.deliveries(1)  # the emergency service's answer
    change = {"zone": "laerdal-tunnel", "imsi": "242010000077777"}
    assert api.patch(f"/subscribers/{NUMBER}", json=change).status_code == 200
    assert peer.submit(OTHER, b"held back", source=NUMBER).status == 0
    assert api.put(f"/emergency/registrations/{NUMBER}", json={"name": "Kari"}).status_code in (200, 201)
    assert api.put(f"/emergency/exclusions/{NUMBER}").status_code in (200, 201)
    for number in range(300):  # most of them spilled
        text = b"waiting %d" % number
        assert other.submit(NUMBER, text, source=OTHER, registered_delivery=1).status == 0
    return peer


OTHER = "4790000002"


def test_erasure_leaves_no_trace(tmp_path: Path, figure: Callable[[str, str], None]) -> None:
    path = tmp_path / "smsc.db"
    with Process(tmp_path, SMSC_LOG__LEVEL="debug") as server:
        other = Peer(server.host, server.port)
        assert other.bind(OTHER) == 0
        peer = leave_traces(server, other)
        assert other.submit(OTHER, b"somebody else's", source=OTHER).status == 0
        other.deliveries(1)
        assert traces(path)
        with httpx.Client(base_url=server.url) as api:
            assert any(NUMBER in text for _, text in answers(api))
            with Took() as took:
                answer = api.delete(f"/api/v1/subscribers/{NUMBER}", params={"erase": True})
            assert answer.status_code == 204
            assert traces(path) == {}
            assert peer.is_closed()
            peer.close()
            places = 0
            for name, text in answers(api):
                assert NUMBER[2:] not in text.replace(f"subscribers/{NUMBER}", ""), name
                places += 1
            assert api.get(f"/api/v1/subscribers/{NUMBER}").status_code == 404
            assert "smsc_queue_messages 0.0" in api.get("/metrics").text
            again = api.delete(f"/api/v1/subscribers/{NUMBER}", params={"erase": True})
            assert again.status_code == 204  # what was refused or cut short can be asked for again
        assert other.submit("4790000003", b"goes on", source=OTHER).status == 0
        other.close()
        assert server.stop() == 0
        assert NUMBER[2:] not in server.log()
    assert traces(path) == {}
    with Process(tmp_path, SMSC_LOG__LEVEL="debug") as server:
        assert "smsc_queue_messages 1.0" in httpx.get(f"{server.url}/metrics").text
        assert server.stop() == 0
    assert b"somebody else's" in path.read_bytes()
    assert traces(path) == {}
    assert check(f"sqlite:{path}") == []
    figure(
        "--",
        f"erasure of a number: {took}, then in 0 of {places} answers, 0 octets of file or log",
    )


@pytest.mark.usefixtures("collector")
def test_erasure_holds_up_nobody(serving: Callable[..., SmscHandle], tmp_path: Path) -> None:
    """The store is walked through beside the traffic, and what its walk meets in memory is forgotten too."""
    path = tmp_path / "smsc.db"
    queue_up(path, 30_000, 3)
    smsc = serving(store={"url": f"sqlite:{path}"})
    watch = StallWatch(smsc)
    with Peer(smsc.host, smsc.port) as peer:
        assert peer.bind("4790000001") == 0
        peer.deliveries(100)
        smsc.control("delete_subscriber", "4790000001", True)
        smsc.run(smsc.server.erased())
    smsc.run(smsc.server.committed())
    watch.stopping = True
    assert smsc.server.engine.unfinished() == 20_000
    assert max(watch.delays) < STALL
    assert set(smsc.server.engine.queues.recipients) == {4790000000, 4790000002}


def test_charges_stay_without_their_payer() -> None:
    journal = Journal()
    charges = Charges(Caps(), journal)
    for message_id, payer in enumerate((int(NUMBER), 4790000002, int(NUMBER)), 1):
        charges.reserve(Charge(0, 0, payer, "2097", "quiz", "Quiz", "mo", message_id, 500))
    charges.settle(1)
    charges.settle(2)
    charges.forget(int(NUMBER))
    assert [charge.payer for charge in charges.page()] == [0, 4790000002]
    assert charges.spent(int(NUMBER), 0) == 0
    again = Charges(Caps(), Journal())
    again.load((key, row) for key, row in journal.take().items() if row is not None)
    assert again.page() == charges.page()
    assert again.settle(3) is None


@pytest.mark.usefixtures("collector")
def test_a_number_that_is_gone_holds_up_nobody_either(
    serving: Callable[..., SmscHandle], tmp_path: Path
) -> None:
    """All that waited for it fails, a few messages at a time."""
    path = tmp_path / "smsc.db"
    queue_up(path, 10_000, 1)
    smsc = serving(store={"url": f"sqlite:{path}"}, delivery={"retry": ["100ms"], "jitter": 0})
    watch = StallWatch(smsc)
    smsc.control("delete_subscriber", "4790000000")
    until(lambda: smsc.server.engine.unfinished() == 0, meanwhile=lambda: smsc.run(smsc.server.committed()))
    watch.stopping = True
    assert smsc.server.engine.unfinished() == 0
    assert max(watch.delays) < STALL
