"""What the API and a listening client show of texts that clients write each in their own way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from smsc.client import Client
from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import request
from smsc.testing.server import SmscHandle
from tests.peer import Peer

pytestmark = pytest.mark.loop
KARI, OLA = "4790000001", "4790000002"


def send(smsc: SmscHandle, name: str, password: str, coding: int, *bodies: bytes, **fields: Any) -> None:
    with Peer(smsc.host, smsc.port) as peer:
        assert peer.bind(name, password) == 0
        for number, body in enumerate(bodies, 1):
            header = b"\5\0\3\7" + bytes((len(bodies), number)) if len(bodies) > 1 else b""
            peer.ask(
                request(
                    c.SUBMIT_SM,
                    data_coding=coding,
                    esm_class=0x40 if header else 0,
                    short_message=header + body,
                    **{"destination_addr": OLA, "dest_addr_ton": 1, **fields},
                )
            )
            answer = peer.pdu()
            assert answer is not None
            assert answer.status == 0


def heard(smsc: SmscHandle, send_it: Callable[[], None]) -> str:
    """What a client of ours that listens as Ola reads."""

    async def listen() -> str:
        async with await Client.connect(smsc.host, smsc.port) as client:
            await client.bind(OLA, "1234")
            await asyncio.to_thread(send_it)
            return (await client.receive(10)).text

    return asyncio.run(listen())


CUT = {
    "surrogate pair": (8, (b"\0a\xd8\x3e", b"\xde\xd0\0b"), "a\U0001fad0b"),
    "escape pair": (0, (b"5 \x1b", b"e"), "5 €"),
    "GSM under IA5": (1, (b"$ 5, ", b"bl\x0fb\x1dr"), "¤ 5, blåbær"),
}


@pytest.mark.parametrize("case", list(CUT))
def test_what_is_cut_between_two_parts_is_whole_again(smsc: SmscHandle, case: str) -> None:
    coding, bodies, text = CUT[case]
    assert heard(smsc, lambda: send(smsc, KARI, "1234", coding, *bodies)) == text
    places = [smsc.message(message.id).concatenation for message in smsc.messages()]
    assert [place["text"] for place in places if place is not None] == [text, text]


@pytest.mark.parametrize(("means", "text"), [("auto", "blåbær"), ("gsm", "blåbær"), ("ia5", "bl\x0fb\x1dr")])
def test_data_coding_1_of_an_esme(make_smsc: Callable[..., SmscHandle], means: str, text: str) -> None:
    shop = {"system_id": "shop", "password": "shop", "senders": ["Shop"], "ia5_means": means}
    smsc = make_smsc(esmes=[shop])
    send(smsc, "shop", "shop", 1, b"bl\x0fb\x1dr", source_addr="Shop", source_addr_ton=5)
    (message,) = smsc.messages()
    assert message.text == text
    with Peer(smsc.host, smsc.port) as ola:
        assert ola.bind(OLA) == 0
        (delivered,) = ola.deliveries(1)
        assert delivered.fields["short_message"] == b"bl\x0fb\x1dr"  # on the wire as it came


#: (what the farm's default alphabet is, what its data_coding 1 means, data_coding, octets of "BLÅ bær")
SERVED = {
    "GSM": ("gsm0338", "auto", 0, b"BL\x0e b\x1dr"),
    "Latin-1 by default": ("latin-1", "auto", 0, "BLÅ bær".encode("latin-1")),
    "UTF-8 by default": ("utf-8", "auto", 0, "BLÅ bær".encode()),
    "Latin-1": ("gsm0338", "auto", 3, "BLÅ bær".encode("latin-1")),
    "UCS2": ("gsm0338", "auto", 8, "BLÅ bær".encode("utf-16-be")),
    "UCS2 with a class": ("gsm0338", "auto", 0x18, "BLÅ bær".encode("utf-16-be")),
    "GSM with a class": ("gsm0338", "auto", 0xF1, b"BL\x0e b\x1dr"),
    "Latin-1 by default, with a class": ("latin-1", "auto", 0xF1, "BLÅ bær".encode("latin-1")),
    "GSM under 1": ("gsm0338", "auto", 1, b"BL\x0e b\x1dr"),
    "GSM under 1, without a sign of it": ("gsm0338", "gsm", 1, b"BL\x5b b\x7br"),
    "IA5 as Latin-1": ("gsm0338", "ia5", 1, "BLÅ bær".encode("latin-1")),
}


@pytest.mark.parametrize("case", list(SERVED))
def test_a_service_reads_what_its_sender_means(make_smsc: Callable[..., SmscHandle], case: str) -> None:
    """A keyword of a content code, whichever alphabet the ESME writes in."""
    default, ia5, coding, octets = SERVED[case]
    farm: dict[str, Any] = {"system_id": "farm", "password": "farm", "kind": "farm"}
    farm["default_alphabet"] = default
    farm |= {"ia5_means": ia5, "ranges": [{"first": "4790000000", "last": "4790099999"}]}
    word = "BLÄ" if case.endswith("sign of it") else "blå"
    rows = [{"system_id": name, "password": name, "kind": "content"} for name in ("blue", "rest")]
    codes: list[dict[str, Any]] = [{"code": "2150", "account": "blue", "keywords": [{"word": word}]}]
    codes.append({"code": "2150", "account": "rest"})
    smsc = make_smsc(esmes=[farm, *rows], codes=codes)
    with Peer(smsc.host, smsc.port) as blue:
        assert blue.bind("blue", "blue") == 0
        send(smsc, "farm", "farm", coding, octets, destination_addr="2150", dest_addr_ton=0, source_addr=KARI)
        (delivered,) = blue.deliveries(1)
        assert delivered.fields["short_message"] == octets  # on the wire as it came
