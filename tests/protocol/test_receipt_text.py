"""The text of a delivery receipt [SMPP 3.4 App. B]."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.protocol import constants as c
from smsc.protocol.text.receipt_text import Receipt, build, excerpt, parse


def test_building() -> None:
    text = build(b"0000000017", c.DELIVERED, b"2601011300", b"2601011301", 0, b"Hei p\x0f deg")
    assert text == (
        b"id:0000000017 sub:001 dlvrd:001 submit date:2601011300 done date:2601011301"
        b" stat:DELIVRD err:000 text:Hei p\x0f deg"
    )


@pytest.mark.parametrize(
    ("state", "stat"),
    [
        (c.ENROUTE, "ENROUTE"),
        (c.DELIVERED, "DELIVRD"),
        (c.EXPIRED, "EXPIRED"),
        (c.DELETED, "DELETED"),
        (c.UNDELIVERABLE, "UNDELIV"),
        (c.ACCEPTED, "ACCEPTD"),
        (c.UNKNOWN, "UNKNOWN"),
        (c.REJECTED, "REJECTD"),
    ],
)
def test_states(state: int, stat: str) -> None:
    read = parse(build(b"1", state, b"2601011200", b"2601011200", 27).decode())
    assert (read.stat, read.dlvrd, read.err) == (stat, 1 if state == c.DELIVERED else 0, "027")
    assert len(stat) == 7


def test_dialects() -> None:
    text = build(b"1F", c.EXPIRED, b"2601011200", b"2601011200", 6, counts=False)
    assert text == b"id:1F submit date:2601011200 done date:2601011200 stat:EXPIRED err:006 text:"


@pytest.mark.parametrize(
    "text",
    [
        "id:abc sub:001 dlvrd:001 submit date:2601011200 done date:2601011201"
        " stat:DELIVRD err:000 Text:Hei id:x",
        "ID:abc SUB:001 DLVRD:001 SUBMIT DATE:2601011200 DONE DATE:2601011201"
        " STAT:delivrd ERR:000 TEXT:Hei id:x",
        "stat:DELIVRD id: abc err:000 done date:2601011201"
        " submit date: 2601011200 sub:1 dlvrd:1 text:Hei id:x",
        "id:abc submitdate:2601011200 donedate:2601011201"
        " dlvrd:001 sub:001 stat:DELIVRD err:000 text: Hei id:x",
    ],
)
def test_receipts_as_vendors_write_them(text: str) -> None:
    assert parse(text) == Receipt("abc", 1, 1, "2601011200", "2601011201", "DELIVRD", "000", "Hei id:x")


def test_what_is_missing_is_none() -> None:
    assert parse("id:1 stat:UNDELIV") == Receipt("1", None, None, None, None, "UNDELIV", None, None)


@pytest.mark.parametrize("text", ["", "Hei", "id:1", "stat:DELIVRD", "text:id:1 stat:DELIVRD"])
def test_what_is_no_receipt(text: str) -> None:
    assert parse(text) is None


@given(st.text())
def test_any_text_is_a_receipt_or_none(text: str) -> None:
    read = parse(text)
    assert read is None or (read.id and read.stat)


@pytest.mark.parametrize(
    ("data_coding", "esm_class", "body", "quoted"),
    [
        (0, 0, b"x" * 30, b"x" * 20),
        (0xF0, 0, b"flash", b"flash"),
        (0, 0, b"x" * 19 + b"\x1b\x65", b"x" * 19),  # no half of an escape pair
        (0, 0, b"x" * 18 + b"\x1b\x1bxx", b"x" * 18 + b"\x1b\x1b"),  # a pair of two escapes
        (0, 0, b"x" * 17 + b"\x1b\x1b\x1bx", b"x" * 17 + b"\x1b\x1b"),
        (0, 0, b"x" * 19 + "æ".encode(), b"x" * 19),  # UTF-8, nor half of a character
        (0xF1, 0, b"x" * 18 + "€".encode(), b"x" * 18),
        (0, 0, b"x" * 17 + "🫐".encode(), b"x" * 17),
        (0, 0, b"x" * 16 + "🫐x".encode(), b"x" * 16 + "🫐".encode()),
        (0, 0, b"x" * 18 + "æx".encode(), b"x" * 18 + "æ".encode()),
        (0, 0, b"x" * 19 + b"\xe6x", b"x" * 19 + b"\xe6"),  # Latin-1
        (0, 0, b"x" * 19 + b"y\xa3x", b"x" * 19 + b"y"),
        (0, 0, b"\x80" * 30, b"\x80" * 20),
        (8, 0, "Hei".encode("utf-16-be"), b""),
        (8, 0, "🫐".encode("utf-16-be") * 15, b""),  # no pair is cut where nothing is quoted
        (0, 0x40, b"\x05\x00\x03\x01\x02\x01Hei", b""),
        (4, 0, b"\x00\x01", b""),
        (1, 0, b"Hei", b"Hei"),
        (1, 0, b"$@_", b"\x02\x00\x11"),  # into the receipt's alphabet, GSM 03.38
        (1, 0, b"bl\x0fb\x1drsyltet\x0cy", b"bl\x0fb\x1drsyltet\x0cy"),  # GSM 03.38 under data_coding 1
        (3, 0, "Blåbærsyltetøy på \u00a4 og \u00fe".encode("latin-1"), b"Bl\x0fb\x1drsyltet\x0cy p\x0f $ "),
        (3, 0, b"x" * 30, b"x" * 20),
        (3, 0, b"\xfe", b"?"),
        (3, 0, b"[]", b"\x1b<\x1b>"),
    ],
)
def test_excerpts(data_coding: int, esm_class: int, body: bytes, quoted: bytes) -> None:
    assert excerpt(data_coding, esm_class, body) == quoted
