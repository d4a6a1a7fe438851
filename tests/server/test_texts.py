"""What the API and a listening client show of texts that clients write each in their own way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from smsc.client import Client
from smsc.protocol import constants as c
from smsc.protocol.pdu.codec import Pdu, request
from smsc.protocol.pdu.fields import Destination
from smsc.protocol.text.packed import pack, unpack
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
    "packed septets": ("gsm0338-packed", "auto", 0, pack(b"BL\x0e b\x1dr")),
    "packed septets with a class": ("gsm0338-packed", "auto", 0xF1, pack(b"BL\x0e b\x1dr")),
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
        on_wire = unpack(octets) if default == "gsm0338-packed" else octets
        assert (
            delivered.fields["short_message"] == on_wire
        )  # as it came, but that septets are packed for whom asks


@pytest.fixture
def packing(make_smsc: Callable[..., SmscHandle]) -> SmscHandle:
    """An SMSC with an ESME, `shop`, whose septets are packed."""
    shop = {"system_id": "shop", "password": "shop", "senders": ["Shop"], "numbers": ["2150"]}
    return make_smsc(esmes=[shop | {"default_alphabet": "gsm0338-packed"}], codes=[])


def way_of(command: str, septets: bytes, header: bytes = b"", **fields: Any) -> Pdu:
    """A request of the shop that submits packed septets."""
    body = header + pack(septets, len(header))
    fields = {"source_addr": "Shop", "source_addr_ton": 5, "esm_class": 0x40 if header else 0, **fields}
    if command == "submit_multi":
        return request(c.SUBMIT_MULTI, dest_address=[Destination(1, 1, OLA)], short_message=body, **fields)
    fields = {"destination_addr": OLA, "dest_addr_ton": 1, **fields}
    if command == "data_sm":
        return request(c.DATA_SM, [(PAYLOAD, body)], **fields)
    if command == "payload":
        return request(c.SUBMIT_SM, [(PAYLOAD, body)], **fields)
    return request(c.SUBMIT_SM, short_message=body, **fields)


PAYLOAD = 0x0424
CONCATENATED = b"\5\0\3\7\2\1"
WAYS = ("submit_sm", "submit_multi", "data_sm", "payload")


@pytest.mark.parametrize("header", [b"", CONCATENATED], ids=["alone", "a part"])
@pytest.mark.parametrize("command", WAYS)
def test_packed_septets_of_an_esme(packing: SmscHandle, command: str, header: bytes) -> None:
    septets = b"Bl\x0fb\x1dr for \x1be 5"
    with Peer(packing.host, packing.port) as shop, Peer(packing.host, packing.port) as ola:
        assert (shop.bind("shop", "shop"), ola.bind(OLA)) == (0, 0)
        answer = shop.exchange(way_of(command, septets, header, registered_delivery=1))
        assert answer.status == 0
        (delivered,) = ola.deliveries(1)
        assert (delivered.fields["short_message"] or delivered.tlv("message_payload")) == header + septets
        (told,) = shop.deliveries(1)
        receipt = unpack(told.fields["short_message"])
        assert receipt.startswith(b"id:" + answer.fields["message_id"].encode() + b" sub:001 dlvrd:001 ")
        assert receipt.endswith(b" text:" + (b"" if header else septets))
    (message,) = packing.messages(source="Shop")
    assert message.text == "Blåbær for € 5"


@pytest.mark.parametrize("command", WAYS)
@pytest.mark.parametrize(("header", "fit"), [(b"", 160), (CONCATENATED, 153)], ids=["alone", "a part"])
def test_packed_septets_are_what_is_counted(
    packing: SmscHandle, command: str, header: bytes, fit: int
) -> None:
    with Peer(packing.host, packing.port) as shop:
        assert shop.bind("shop", "shop") == 0
        assert shop.exchange(way_of(command, b"x" * fit, header)).status == 0
        long = shop.exchange(way_of(command, b"x" * (fit + 1), header)).status
        # a payload is divided, but for one that is itself a part
        assert long == (0 if command in ("data_sm", "payload") and not header else 1)


@pytest.mark.parametrize("header", [b"", CONCATENATED], ids=["alone", "a part"])
def test_packed_septets_to_an_esme(packing: SmscHandle, header: bytes) -> None:
    septets = b"Bl\x0fb\x1dr for \x1be 5"
    with Peer(packing.host, packing.port) as shop:
        assert shop.bind("shop", "shop") == 0
        body, esm_class = header + septets, 0x40 if header else 0
        to: dict[str, Any] = {"destination_addr": "2150", "dest_addr_ton": 0, "esm_class": esm_class}
        with Peer(packing.host, packing.port) as kari:
            assert kari.bind(KARI) == 0
            assert kari.exchange(request(c.SUBMIT_SM, short_message=body, **to)).status == 0
        (delivered,) = shop.deliveries(1)
        assert delivered.fields["short_message"] == header + pack(septets, len(header))


def test_packed_septets_of_a_replacement(packing: SmscHandle) -> None:
    packing.handset(OLA).power_off()
    with Peer(packing.host, packing.port) as shop:
        assert shop.bind("shop", "shop") == 0
        ident = shop.exchange(way_of("submit_sm", b"Hei")).fields["message_id"]
        source: dict[str, Any] = {"source_addr": "Shop", "source_addr_ton": 5, "message_id": ident}
        assert shop.exchange(request(c.REPLACE_SM, short_message=pack(b"H\x1d"), **source)).status == 0
        assert packing.message(ident).text == "Hæ"


def test_packed_septets_in_traced_pdus(packing: SmscHandle) -> None:
    with Peer(packing.host, packing.port) as shop:
        assert shop.bind("shop", "shop") == 0
        (session,) = packing.control("sessions")
        packing.control("trace_session", session["id"])
        to: dict[str, Any] = {"destination_addr": "2150", "dest_addr_ton": 0}
        answer = shop.exchange(way_of("submit_sm", b"Bl\x0fb\x1dr", CONCATENATED, **to))
        assert len(shop.deliveries(1)) == 1
    told = packing.control("message_pdus", answer.fields["message_id"])["pdus"]
    texts = {pdu["command"]: (pdu["text"], pdu["rebuilt"]) for pdu in told if "text" in pdu}
    assert texts == {"submit_sm": ("Blåbær", False), "deliver_sm": ("Blåbær", False)}


QUOTED = {
    "two octets": ("utf-8", b"x" * 19 + "æ".encode(), b"x" * 19),
    "three octets": ("utf-8", b"x" * 18 + "€".encode(), b"x" * 18),
    "four octets": ("utf-8", b"x" * 17 + "🫐".encode(), b"x" * 17),
    "four octets that fit": ("utf-8", b"x" * 16 + "🫐x".encode(), b"x" * 16 + "🫐".encode()),
    "Latin-1": ("latin-1", b"x" * 19 + b"\xe6x", b"x" * 19 + b"\xe6"),
    "an escape pair": ("gsm0338", b"x" * 19 + b"\x1be", b"x" * 19),
}


@pytest.mark.parametrize("case", list(QUOTED))
def test_a_receipt_quotes_no_half_of_a_character(make_smsc: Callable[..., SmscHandle], case: str) -> None:
    alphabet, octets, quoted = QUOTED[case]
    shop = {"system_id": "shop", "password": "shop", "senders": ["Shop"], "default_alphabet": alphabet}
    smsc = make_smsc(esmes=[shop])
    with Peer(smsc.host, smsc.port) as peer, Peer(smsc.host, smsc.port) as ola:
        assert (peer.bind("shop", "shop"), ola.bind(OLA)) == (0, 0)
        fields: dict[str, Any] = {"source_addr": "Shop", "source_addr_ton": 5, "registered_delivery": 1}
        assert peer.submit(OLA, octets, dest_addr_ton=1, **fields).status == 0
        assert ola.deliveries(1)[0].fields["short_message"] == octets
        (receipt,) = peer.deliveries(1)
        assert receipt.fields["short_message"].partition(b" text:")[2] == quoted
