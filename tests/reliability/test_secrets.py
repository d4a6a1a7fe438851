"""Rows 15, 16 and 17: nothing private leaks, nothing hostile forges, nobody speaks for another."""

import json
import logging
import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from smsc.protocol import receipt_text
from smsc.testing.server import SmscHandle
from tests.reliability.peer import Peer
from tests.reliability.process import Process

Figure = Callable[[int | str, str], None]
Connect = Callable[..., Peer]
Serving = Callable[..., SmscHandle]

NUMBER, TO, TEXT, PASSWORD = "4790012345", "4790054321", "canary-in-a-coal-mine", "Kanari7"
CANARIES = [NUMBER, NUMBER[2:], TO, TO[2:], TEXT, PASSWORD]


def test_canaries_appear_in_no_log_metric_error_or_trace(tmp_path: Path, figure: Figure) -> None:
    with Process(tmp_path, SMSC_LOG__LEVEL="debug", SMSC_LIMITS__SHUTDOWN="2s") as server:
        api = httpx.Client(base_url=server.url)
        sender, receiver = Peer(server.host, server.port), Peer(server.host, server.port)
        assert Peer(server.host, server.port).bind(NUMBER, PASSWORD) == 0x0D
        assert sender.bind(NUMBER) == 0
        assert receiver.bind(TO) == 0
        sender.submit(NUMBER, TO, TEXT.encode(), registered_delivery=1)
        receiver.deliveries(1)
        sender.submit("4790000009", TO, TEXT.encode())  # refused: not its own number
        sender.submit(NUMBER, "46701234567", TEXT.encode())
        sender.send(b"\0\0\0\x20\0\0\0\4\0\0\0\0\0\0\0\1" + TEXT.encode()[:16])
        bodies = [
            api.get("/metrics").text,
            api.get("/readyz").text,
            api.get("/livez").text,
            api.get("/openapi.json").text,
            api.put(f"/api/v1/subscribers/{TO}", json={"password": PASSWORD, "sim": "nonsense"}).text,
            api.patch("/api/v1/subscribers/4790000003", json={"password": PASSWORD}).text,
            api.get("/api/v1/subscribers/4790000003").text,
            api.post("/api/v1/messages", json={"source": 5, "text": TEXT, "password": PASSWORD}).text,
        ]
        receiver.send(b"\0\0\0\1")
        sender.close()
        assert server.stop() == 0
        log = server.log()
        bodies[4] = bodies[4].replace(f"/subscribers/{TO}", "")  # an error names what was asked for
        for place, text in [("log", log), *enumerate(bodies)]:
            for canary in CANARIES:
                assert canary not in text, (place, canary, text[:2000])
    figure(
        15, f"{len(CANARIES)} canaries in {len(bodies)} API answers and {len(log)} characters of log: 0 seen"
    )


def test_objects_do_not_show_their_secrets(serving: Serving, peers: Connect) -> None:
    smsc = serving(
        esmes=[{"system_id": "x", "password": PASSWORD}], emergency=_NOBODY, helplines=[], codes=[]
    )
    peers(smsc, "x", PASSWORD)
    shown = repr(smsc.settings) + smsc.settings.model_dump_json() + repr(list(smsc.server.engine.bindings))
    assert PASSWORD not in shown


_NOBODY = {"centres": {"fire": None, "police": None, "medical": None}}

HOSTILE = [
    "line\r\nERROR smsc.server: forged",
    "\x1b[31mred\x1b[0m",
    "<script>alert(1)</script>",
    "id:1 sub:001 dlvrd:001 submit date:2601151200 done date:2601151201 stat:DELIVRD err:000 text:x",
    "\0\x08\x7f",
    "stat:DELIVRD",
]


def test_hostile_text_forges_nothing(
    serving: Serving, peers: Connect, figure: Figure, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    smsc = serving()
    sender, receiver = peers(smsc, "4790000001"), peers(smsc, "4790000002")
    for text in HOSTILE:
        octets = text.encode("utf-16-be")
        answer = sender.submit("4790000001", "4790000002", octets, data_coding=8, registered_delivery=1)
        assert answer.status == 0
    got = receiver.deliveries(len(HOSTILE))
    assert [pdu.fields["short_message"].decode("utf-16-be") for pdu in got] == HOSTILE
    assert all(pdu.fields["esm_class"] & 0x3C == 0 for pdu in got)
    for receipt in sender.deliveries(len(HOSTILE)):
        text = receipt.fields["short_message"].decode("latin-1")
        assert receipt.fields["esm_class"] & 0x3C == 4
        assert text.count("stat:") - text.partition(" text:")[2].count("stat:") == 1
        parsed = receipt_text.parse(text)
        assert parsed is not None
        assert parsed.stat == "DELIVRD"
    api = httpx.get(f"{smsc.url}/api/v1/messages", params={"destination": "4790000002"})
    assert api.headers["content-type"].startswith("application/json")
    assert "\x1b" not in api.text
    assert "\r\n" not in api.text
    assert sorted(row["text"] for row in json.loads(api.text)["messages"]) == sorted(HOSTILE)
    docs = httpx.get(f"{smsc.url}/docs")
    assert "default-src 'none'" in docs.headers["content-security-policy"]
    for record in caplog.records:
        assert not re.search(r"[\r\n\x1b]", record.getMessage())
    figure(16, f"{len(HOSTILE)} hostile texts: delivered as they are; 0 forged receipts, log lines or markup")


def test_receipts_from_clients_are_refused(serving: Serving, peers: Connect, figure: Figure) -> None:
    smsc = serving()
    peer = peers(smsc, "4790000001")
    forged = b"id:1 sub:001 dlvrd:001 submit date:2601151200 done date:2601151201 stat:DELIVRD err:000"
    statuses = {
        peer.submit("4790000001", "4790000002", forged, esm_class=esm_class).status
        for esm_class in (0x04, 0x08, 0x10, 0x20)
    }
    assert 0x43 in statuses
    assert peer.submit("4790000001", "4790000002", forged, esm_class=0x04).status == 0x43
    figure(16, "esm_class 0x04 from a client: ESME_RINVESMCLASS")


@pytest.mark.parametrize(
    ("who", "password", "source"),
    [
        ("4790000001", "1234", "4790000002"),
        ("4790000001", "1234", "2097"),
        ("4790000001", "1234", "112"),
        ("shop", "shop", "4790000001"),
        ("shop", "shop", "2097"),
        ("farm", "farm", "4740000001"),
        ("quiz", "quiz2097", "2440"),
    ],
)
def test_spoofed_senders_are_refused(
    serving: Serving, peers: Connect, who: str, password: str, source: str
) -> None:
    smsc = serving()
    assert peers(smsc, who, password).submit(source, "4790000003").status == 0x0A


def test_spoofed_senders_are_overwritten_where_the_policy_says_so(
    serving: Serving, peers: Connect, figure: Figure
) -> None:
    smsc = serving(policy={"spoofed_source": "overwrite"})
    assert peers(smsc, "4790000001").submit("4790000002", "4790000003").status == 0
    assert [message.source for message in smsc.messages()] == ["4790000001"]
    figure(17, "7 spoofed senders refused with 0x0A; with policy overwrite the message bears the true number")
