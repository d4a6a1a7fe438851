"""Rows 15, 16 and 17: nothing private leaks, nothing hostile forges, nobody speaks for another."""

import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from smsc.logs import Formatter
from smsc.protocol.text import receipt_text
from smsc.testing.server import SmscHandle
from tests.peer import Peer
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
        sender.submit(TO, TEXT.encode(), source=NUMBER, registered_delivery=1)
        receiver.deliveries(1)
        sender.submit(TO, TEXT.encode(), source="4790000009")  # refused: not its own number
        sender.submit("46701234567", TEXT.encode(), source=NUMBER)
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


#: What an answer is about: there the number and the text are what was asked for; a password never is.
ABOUT_THEM = ("messages", "sessions", "subscribers", "lists", "emergency", "charging", "register", "refusals")


def test_no_get_of_the_api_shows_a_password_and_few_show_who_writes(
    serving: Serving, peers: Connect, figure: Figure, caplog: pytest.LogCaptureFixture
) -> None:
    """Every GET there is, with every PDU of every session kept: the bind's password is not in it."""
    caplog.set_level(logging.DEBUG)
    smsc = serving(trace={"sessions": True})
    with httpx.Client(base_url=smsc.url) as api:
        changed = api.patch(f"/api/v1/subscribers/{NUMBER}", json={"password": PASSWORD})
        assert (changed.status_code, PASSWORD in changed.text) == (200, False)
        sender, receiver = peers(smsc, NUMBER, PASSWORD), peers(smsc, TO)
        assert peers(smsc).bind(NUMBER, PASSWORD[::-1]) == 0x0D
        for _ in range(3):
            assert sender.submit(TO, TEXT.encode(), source=NUMBER, registered_delivery=1).status == 0
        receiver.deliveries(3)
        sender.deliveries(3)
        paths = [path for path, found in api.get("/openapi.json").json()["paths"].items() if "get" in found]
        ids = [row["id"] for row in api.get("/api/v1/sessions").json()["sessions"]]
        message = api.get("/api/v1/messages").json()["messages"][0]["id"]
        asked = ["/docs", "/openapi.json"]
        for path in paths:
            filled = path.replace("{msisdn}", NUMBER).replace("{number}", TO)
            asked += [filled.replace("{id}", str(ident)) for ident in (*ids, message)]
        asked = sorted({re.sub(r"\{\w+\}", "x", path) for path in asked} - {"/api/v1/events"})
        bound = 0
        for path in asked:
            text = api.get(path).text
            bound += "bind_transceiver" in text
            assert PASSWORD not in text, path
            if not any(word in path for word in ABOUT_THEM) and NUMBER not in path and TO not in path:
                assert not [canary for canary in CANARIES if canary in text], path
    assert bound
    log = Formatter(show_numbers=False)  # as `smsc serve` writes it
    told = [log.format(record) for record in caplog.records if not record.name.startswith("http")]
    assert not [line for line in told if any(canary in line for canary in CANARIES)]
    figure(15, f"{len(asked)} GETs of the API, {bound} with the PDUs of a bind: 0 passwords, 0 logged")


def test_a_refused_request_does_not_echo_a_secret(serving: Serving, figure: Figure) -> None:
    """Every call that takes a body, with secrets of every wrong kind in it."""
    smsc = serving()
    refused = 0
    with httpx.Client(base_url=smsc.url) as api:
        description = api.get("/openapi.json").json()
        for path, operations in description["paths"].items():
            for method in operations.keys() & {"post", "put", "patch"}:
                for secret in (PASSWORD, {"x": PASSWORD}, [PASSWORD], {"password": PASSWORD}):
                    body = {"password": secret, "token": secret, "code": 5, "nonsense": 1}
                    answer = api.request(method, re.sub(r"\{\w+\}", "4790000003", path), json=body)
                    assert PASSWORD not in answer.text, (method, path, answer.text)
                    refused += answer.status_code >= 400
        for raw in (f'{{"password": "{PASSWORD}', f'"{PASSWORD}"', f'["{PASSWORD}"]', f"{PASSWORD}"):
            headers = {"content-type": "application/json"}
            answer = api.put("/api/v1/subscribers/4790000003", content=raw, headers=headers)
            assert answer.status_code in (400, 422)
            assert PASSWORD not in answer.text, answer.text
    assert refused > 50
    figure(15, f"{refused} refused requests with a secret in them: 0 echoed")


@pytest.mark.parametrize(
    "config",
    [
        f'[[esmes]]\nsystem_id = "x"\npassword = ["{PASSWORD}"]',
        f'[[esmes]]\nsystem_id = "x"\npasword = "{PASSWORD}"',
        f'[[esmes]]\nsystem_id = "x"\npassword = "{PASSWORD}',
        f'[http]\ntoken = {{ a = "{PASSWORD}" }}',
        f'[http]\nhost = "0.0.0.0"\ntoken = ""\npassword = "{PASSWORD}"',
        f'[[subscribers]]\nmsisdn = "{NUMBER}"\npassword = {{ b = "{PASSWORD}" }}',
    ],
)
def test_a_wrong_configuration_is_refused_without_its_secrets(tmp_path: Path, config: str) -> None:
    path = tmp_path / "smsc.toml"
    path.write_text(config)
    command = [sys.executable, "-m", "smsc", "serve", "--config", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0
    assert "smsc:" in done.stderr
    assert PASSWORD not in done.stdout + done.stderr


def test_an_unforeseen_error_is_logged_without_what_it_was_about(
    serving: Serving, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A traceback names places in the program; the message of an exception may hold anything."""
    smsc = serving()

    def fails(*_: object) -> None:
        raise ValueError(f"{NUMBER} {TEXT}")

    monkeypatch.setattr(type(smsc.server.control), "subscriber", fails)
    answer = httpx.get(f"{smsc.url}/api/v1/subscribers/4790000003")
    assert answer.status_code == 500
    told = caplog.text + answer.text
    assert "ValueError" in told
    assert not [canary for canary in CANARIES if canary in told]


def test_objects_do_not_show_their_secrets(serving: Serving, peers: Connect) -> None:
    smsc = serving(
        esmes=[{"system_id": "x", "password": PASSWORD}], emergency=_NOBODY, helplines=[], codes=[]
    )
    peers(smsc, "x", PASSWORD)
    peer = peers(smsc, NUMBER)
    assert peer.submit("4790054321", TEXT.encode(), source=NUMBER).status == 0
    engine = smsc.server.engine
    shown = repr(smsc.settings) + smsc.settings.model_dump_json()
    assert PASSWORD not in shown
    objects = [*engine.bindings, *(bind.session for bind in engine.bindings), *engine.message_index]
    objects += [*engine.queues.recipients.values(), *smsc.server.listener.connections.values()]
    objects += [
        engine.authentication,
        engine.authentication.backoff,
        engine.authentication.passwords,
        engine.world,
        engine,
    ]
    objects += [engine.world.registry.find(int(NUMBER)), *engine.world.accounts]
    assert len(objects) > 8
    for shown in map(repr, objects):
        assert not [canary for canary in CANARIES if canary in shown], shown


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
    smsc = serving(policy={"too_long": "pass"})
    sender, receiver = peers(smsc, "4790000001"), peers(smsc, "4790000002")
    for text in HOSTILE:
        octets = text.encode("utf-16-be")
        answer = sender.submit(
            "4790000002", octets, source="4790000001", data_coding=8, registered_delivery=1
        )
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
        peer.submit("4790000002", forged, source="4790000001", esm_class=esm_class).status
        for esm_class in (0x04, 0x08, 0x10, 0x20)
    }
    assert 0x43 in statuses
    assert peer.submit("4790000002", forged, source="4790000001", esm_class=0x04).status == 0x43
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
    assert peers(smsc, who, password).submit("4790000003", source=source).status == 0x0A


def test_spoofed_senders_are_overwritten_where_the_policy_says_so(
    serving: Serving, peers: Connect, figure: Figure
) -> None:
    smsc = serving(policy={"spoofed_source": "overwrite"})
    assert peers(smsc, "4790000001").submit("4790000003", source="4790000002").status == 0
    assert [message.source for message in smsc.messages()] == ["4790000001"]
    figure(17, "7 spoofed senders refused with 0x0A; with policy overwrite the message bears the true number")
