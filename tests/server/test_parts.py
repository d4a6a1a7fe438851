"""A long text goes to handsets in parts, as an SMSC divides it; one receipt tells of the whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import Pdu, request
from smsc.protocol.pdu.fields import Destination
from smsc.protocol.text import udh
from smsc.protocol.text.data_coding import join_text
from smsc.testing.server import SmscHandle
from tests.peer import Peer
from tests.waiting import until

pytestmark = pytest.mark.loop
Make = Callable[..., SmscHandle]
KARI, OLA = "4790000001", "4790000002"
PAYLOAD = 0x0424

TEXTS: dict[str, tuple[int, bytes]] = {
    "septets": (0, b"abcdefghij" * 20),
    "escape pair at the cut": (0, b"x" * 152 + b"\x1be" * 20),
    "Latin-1": (3, "æøå ".encode("latin-1") * 60),
    "not in GSM": (3, "þorn ".encode("latin-1") * 25),
    "UCS2": (8, "Привет ".encode("utf-16-be") * 15),
    "surrogate pair at the cut": (8, ("x" * 66 + "😀" * 20).encode("utf-16-be")),
    "octets": (4, bytes(range(200))),
    "IA5": (1, b"plain text " * 20),
    "GSM under 1": (1, b"bl\x0fb\x1cr[" * 24),
}


def submit(peer: Peer, command: int, case: str, in_payload: bool, to: str = OLA) -> int:
    coding, body = TEXTS[case]
    fields: dict[str, Any] = {"data_coding": coding, "registered_delivery": 1}
    tlvs = [(PAYLOAD, body)] if in_payload else []
    if not in_payload:
        fields["short_message"] = body
    if command == c.SUBMIT_MULTI:
        fields["dest_address"] = [Destination(1, 1, to)]
    else:
        fields["destination_addr"] = to
    peer.ask(request(command, tlvs, **fields))
    answer = peer.hear()
    return answer.status


def read(parts: list[Pdu]) -> str:
    """What a handset shows; every part has its header and its place."""
    found: dict[int, tuple[int, bytes]] = {}
    references = set()
    for pdu in parts:
        body = pdu.fields["short_message"]
        assert pdu.fields["esm_class"] & 0x40
        place = udh.concat(udh.split(body)[0])
        assert place is not None
        assert place.parts == len(parts)
        references.add(place.reference)
        found[place.part] = (pdu.fields["data_coding"], udh.split(body)[1])
    assert len(references) == 1
    return join_text([found[number] for number in sorted(found)])


WAYS = [
    ("split", c.SUBMIT_SM, False),
    ("reject", c.SUBMIT_SM, True),
    ("reject", c.DATA_SM, True),
    ("reject", c.SUBMIT_MULTI, True),
    ("pass", c.SUBMIT_SM, True),
    ("split", c.SUBMIT_SM, True),
    ("split", c.SUBMIT_MULTI, False),
]


@pytest.mark.parametrize(
    ("policy", "command", "in_payload", "case"),
    [*((*WAYS[0], case) for case in TEXTS), *((*way, "escape pair at the cut") for way in WAYS[1:])],
)
def test_a_handset_gets_it_in_parts_and_the_sender_one_receipt(
    make_smsc: Make, policy: str, command: int, in_payload: bool, case: str
) -> None:
    smsc = make_smsc(policy={"too_long": policy})
    coding, body = TEXTS[case]
    with Peer(smsc.host, smsc.port) as kari, Peer(smsc.host, smsc.port) as ola:
        assert (kari.bind(KARI), ola.bind(OLA)) == (0, 0)
        assert submit(kari, command, case, in_payload) == 0
        parts = ola.deliveries(2)
        assert read(parts) == join_text([(coding, body)])
        (receipt,) = kari.deliveries(1)
        assert b"stat:DELIVRD" in receipt.fields["short_message"]
        (message,) = smsc.messages()
        assert (message.state, message.attempts) == ("delivered", 1)
        assert [event["detail"] for event in message.timeline if event["event"] == "divided"] == [
            {"parts": 2}
        ]


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("to", ["59000001", "112"])
def test_an_esme_says_whether_it_takes_long_texts_whole(make_smsc: Make, to: str, whole: bool) -> None:
    rows = [
        {"system_id": "shop", "password": "shop", "numbers": ["59000001"], "payload": whole},
        {"system_id": "psap112", "password": "nodsms", "kind": "emergency", "payload": whole},
    ]
    smsc = make_smsc(esmes=rows)
    system_id, password = ("shop", "shop") if to == "59000001" else ("psap112", "nodsms")
    with Peer(smsc.host, smsc.port) as kari, Peer(smsc.host, smsc.port) as esme:
        assert (kari.bind("4790000112"), esme.bind(system_id, password)) == (0, 0)
        assert submit(kari, c.SUBMIT_SM, "septets", True, to) == 0
        found = esme.deliveries(1 if whole else 2)
        if whole:
            assert dict(found[0].tlvs)[PAYLOAD] == TEXTS["septets"][1]
        else:
            assert read(found) == TEXTS["septets"][1].decode()


@pytest.mark.parametrize("payload", [None, True])
def test_a_farm_stands_for_handsets(make_smsc: Make, payload: bool | None) -> None:
    farm: dict[str, Any] = {"system_id": "farm", "password": "farm", "kind": "farm"}
    farm["ranges"] = [{"first": "4790000000", "last": "4790099999"}]
    smsc = make_smsc(esmes=[farm if payload is None else {**farm, "payload": payload}])
    with Peer(smsc.host, smsc.port) as kari, Peer(smsc.host, smsc.port) as esme:
        assert (kari.bind(KARI), esme.bind("farm", "farm")) == (0, 0)
        assert submit(kari, c.SUBMIT_SM, "septets", True) == 0
        assert len(esme.deliveries(2 if payload is None else 1)) == (2 if payload is None else 1)


def test_what_the_handset_has_accepted_is_not_sent_again(smsc: SmscHandle) -> None:
    """It has no memory for the second part: that one is tried again, the first is not."""
    with Peer(smsc.host, smsc.port) as kari, Peer(smsc.host, smsc.port) as ola:
        assert (kari.bind(KARI), ola.bind(OLA)) == (0, 0)
        assert submit(kari, c.SUBMIT_SM, "septets", True) == 0
        first = ola.hear()
        ola.answer(first)
        second = ola.hear()
        ola.answer(second, 0x64)
        until(lambda: "attempt_failed" in str(smsc.messages()[0].timeline))
        smsc.clock.advance("1h")
        again = ola.hear()
        ola.answer(again)
        assert again.fields["short_message"] == second.fields["short_message"]
        (receipt,) = kari.deliveries(1)
        assert b"stat:DELIVRD" in receipt.fields["short_message"]
        assert smsc.messages()[0].attempts == 2


BY_8_BITS, BY_16_BITS = b"\5\0\3\7\2\1", b"\6\x08\4\0\7\2\1"


@pytest.mark.parametrize(("command", "in_payload"), [(way[1], way[2]) for way in WAYS[:4]])
@pytest.mark.parametrize(
    ("header", "coding", "unit", "most"),
    [
        (BY_8_BITS, 0, b"x", 153),
        (BY_16_BITS, 0, b"x", 152),
        (BY_8_BITS, 4, b"x", 134),
        (BY_16_BITS, 4, b"x", 133),
        (BY_8_BITS, 8, b"\4\1", 67),
        (BY_16_BITS, 8, b"\4\1", 66),
    ],
)
def test_a_part_is_not_divided_again(
    make_smsc: Make, command: int, in_payload: bool, header: bytes, coding: int, unit: bytes, most: int
) -> None:
    """One that is longer than a part is refused, wherever its text stands [23.040 §9.2.3.24.1, .8]."""
    smsc = make_smsc(policy={"too_long": "split"})
    with Peer(smsc.host, smsc.port) as kari:
        assert kari.bind(KARI) == 0
        for count, status in ((most, 0), (most + 1, 0x01)):
            body = header + count * unit
            fields: dict[str, Any] = {"data_coding": coding, "esm_class": 0x40}
            if not in_payload:
                fields["short_message"] = body
            if command == c.SUBMIT_MULTI:
                fields["dest_address"] = [Destination(1, 1, OLA)]
            else:
                fields["destination_addr"] = OLA
            kari.ask(request(command, [(PAYLOAD, body)] if in_payload else [], **fields))
            assert kari.hear().status == status


@pytest.mark.parametrize("version", [0x33, 0x34, 0x50])
def test_every_version_gets_parts(smsc: SmscHandle, version: int) -> None:
    with Peer(smsc.host, smsc.port) as kari, Peer(smsc.host, smsc.port) as ola:
        assert kari.bind(KARI) == 0
        assert ola.bind(OLA, version=version) == 0
        assert submit(kari, c.SUBMIT_SM, "septets", True) == 0
        assert read(ola.deliveries(2)) == TEXTS["septets"][1].decode()


def test_a_centre_answers_at_length(smsc: SmscHandle) -> None:
    """What an emergency centre writes is never refused for its length [N33]."""
    with Peer(smsc.host, smsc.port) as centre, Peer(smsc.host, smsc.port) as ola:
        assert (centre.bind("psap112", "nodsms"), ola.bind("4790000112")) == (0, 0)
        assert submit(centre, c.SUBMIT_SM, "septets", False, "4790000112") == 0
        assert read(ola.deliveries(2)) == TEXTS["septets"][1].decode()


def test_a_replaced_text_is_another_message_to_the_handset(make_smsc: Make) -> None:
    """It has the first part of the old text: the parts of the new one have a reference of their own."""
    smsc = make_smsc(policy={"too_long": "split"})
    with Peer(smsc.host, smsc.port) as kari, Peer(smsc.host, smsc.port) as ola:
        assert (kari.bind(KARI), ola.bind(OLA)) == (0, 0)
        kari.ask(request(c.SUBMIT_SM, destination_addr=OLA, short_message=b"o" * 200))
        ident = kari.hear().fields["message_id"]
        old = ola.hear()
        ola.answer(old)
        ola.answer(ola.hear(), 0x64)
        until(lambda: "attempt_failed" in str(smsc.messages()[0].timeline))
        source: dict[str, Any] = {"source_addr": KARI, "source_addr_ton": 1}
        kari.ask(request(c.REPLACE_SM, message_id=ident, short_message=b"n" * 200, **source))
        assert kari.hear().status == 0
        smsc.clock.advance("1h")
        new = ola.deliveries(2)
        assert read(new) == "n" * 200
        assert udh.split(new[0].fields["short_message"])[0] != udh.split(old.fields["short_message"])[0]
