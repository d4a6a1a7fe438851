"""A quiz on a short code with a thousand senders, and charging records that add up."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from smsc.protocol.constants import UDHI
from smsc.reasons import by_name
from smsc.services import tlvs
from smsc.testing.server import SmscHandle
from tests.scenarios.binding import Bind

SENDERS = [str(4790020000 + number) for number in range(1000)]
PRICE_ORE = 500


def test_a_quiz_with_a_thousand_senders_adds_up(smsc_server: SmscHandle, bind: Bind) -> None:
    quiz = bind("quiz", "quiz2097")
    farm = bind("farm", "farm")
    for start in range(0, 1000, 250):
        pdus = [
            farm.submit_pdu("2097", f"QUIZ {sender[-2:]}", source=sender)
            for sender in SENDERS[start : start + 250]
        ]
        assert farm.begin(*pdus).result(10).status == 0
    answers = [quiz.receive() for _ in SENDERS]
    assert sorted(one.source for one in answers) == SENDERS
    assert not any(tlvs.OURS & one.tlvs.keys() for one in answers)  # it lists none
    for start in range(0, 1000, 250):
        pdus = [quiz.submit_pdu(one.source, "Takk!", source="2097") for one in answers[start : start + 250]]
        assert quiz.begin(*pdus).result(10).status == 0
    thanks = [farm.receive() for _ in SENDERS]
    assert sorted(one.destination for one in thanks) == SENDERS
    assert {(one.source, one.text) for one in thanks} == {("2097", "Takk!")}

    lines = httpx.get(f"{smsc_server.url}/api/v1/charging?limit=10000&format=jsonl").text.splitlines()
    records = [json.loads(line) for line in lines]
    assert Counter(record["payer"] for record in records) == Counter(SENDERS)
    assert sum(record["price_ore"] for record in records) == 1000 * PRICE_ORE
    assert {(record["code"], record["provider"], record["direction"]) for record in records} == {
        ("2097", "quiz", "mo")
    }
    sheet = httpx.get(f"{smsc_server.url}/api/v1/charging?limit=10000&format=csv").text
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert [row["message_id"] for row in rows] == [record["message_id"] for record in records]
    assert sum(int(row["price_ore"]) for row in rows) == 1000 * PRICE_ORE
    totals = httpx.get(f"{smsc_server.url}/api/v1/charging/totals").json()["totals"]
    month = smsc_server.clock.now[:7]
    assert totals == [
        {"month": month, "provider": "quiz", "direction": "mo", "records": 1000, "ore": 1000 * PRICE_ORE}
    ]


def test_a_message_that_the_provider_refuses_costs_nothing(smsc_server: SmscHandle, bind: Bind) -> None:
    quiz = bind("quiz", "quiz2097", kind="receiver")
    quiz.answer = lambda _: 0x65
    kari = bind("4790000001")
    sent = kari.send("2097", "QUIZ")
    assert quiz.receive().text == "QUIZ"
    assert kari.has_nothing()
    smsc_server.clock.advance("1s")
    assert smsc_server.message(sent).state == "undeliverable"
    assert smsc_server.control("charging", None, 10) == []


def test_barred_content_and_caps_hold_over_smpp(smsc_server: SmscHandle, bind: Bind) -> None:
    bind("giver", "giver", kind="receiver")
    barred = bind("4799000008")
    assert barred.submit("2440", "GI").status == 0x45
    kari = bind("4790000001")
    for _ in range(15):  # 200 NOK each, at most 3000 NOK a month
        assert kari.submit("2440", "GI").status == 0
    refused = kari.submit("2440", "GI").status
    assert refused == by_name("cap_exceeded").command_status
    smsc_server.clock.advance("32d")  # into another month
    assert kari.submit("2440", "GI").status == 0


def test_two_providers_share_a_code_by_keyword(make_smsc: object, bind: Bind) -> None:
    shared = make_smsc(  # type: ignore[operator]
        codes=[
            {"code": "2097", "account": "quiz", "keywords": [{"word": "QUIZ"}]},
            {"code": "2097", "account": "giver", "keywords": [{"word": "GI"}]},
        ]
    )
    quiz = bind("quiz", "quiz2097", at=shared.smpp_address)
    giver = bind("giver", "giver", at=shared.smpp_address)
    kari = bind("4790000001", at=shared.smpp_address)
    kari.send("2097", "gi 100")
    kari.send("2097", "quiz 1")
    assert giver.receive().text == "gi 100"
    assert quiz.receive().text == "quiz 1"
    giver.send("4790000001", "Takk for gaven", source="2097")
    arrived = kari.receive()
    assert (arrived.source, arrived.text) == ("2097", "Takk for gaven")
    assert kari.submit("2097", "VET IKKE").status == by_name("code_no_keyword").command_status


def test_parts_with_references_of_8_and_of_16_bits_are_of_two_messages(
    make_smsc: Callable[..., SmscHandle], bind: Bind
) -> None:
    """References of 8 bits and of 16 are two series, by header [23.040 §9.2.3.24.8] or by TLVs."""
    smsc = make_smsc()
    quiz = bind("quiz", "quiz2097", at=smsc.smpp_address)
    phone = bind(SENDERS[0], at=smsc.smpp_address)

    def charged() -> int:
        return len(httpx.get(f"{smsc.url}/api/v1/charging").json()["charging"])

    def part(number: int, header: bytes = b"", **fields: Any) -> None:
        body = header + b"\x02" + bytes([number]) if header else b""
        assert phone.submit("2097", body + b"svar", esm_class=UDHI if header else 0, **fields).status == 0
        quiz.receive()

    short, wide = b"\x05\x00\x03\x07", b"\x06\x08\x04\x00\x07"
    part(1, short)
    part(2, wide)
    assert charged() == 0
    part(2, short)
    assert charged() == 1
    part(1, tlvs=[(0x020C, b"\x00\x07"), (0x020E, b"\x02"), (0x020F, b"\x01")])
    assert charged() == 2
