"""Long texts in parts [23.040 §9.2.3.24.1]: nothing is lost, nothing cut that belongs together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.engine.mo.length import excess
from smsc.protocol.pdu.submit import Submit
from smsc.protocol.text import gsm0338, udh
from smsc.protocol.text.data_coding import USUAL, Reading, decode_text, join_text
from smsc.protocol.text.division import MOST_PARTS, divide

PORTS = b"\6\5\4\x0b\x84\0\0"
GSM_TEXT = st.text(gsm0338.BASE.replace("\x1b", "") + "€[]{}~^|\\", min_size=1, max_size=700)
ANY_TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=400)


def parts_of(coding: int, body: bytes, esm_class: int = 0, reading: Reading = USUAL) -> list[bytes]:
    """The parts, each of which fits on the air, is numbered in order, and is named by the reference."""
    parts = divide(coding, esm_class, body, reading, 0x1F7)
    assert parts is not None
    if len(parts) == 1:
        assert parts == [body]
        return parts
    for number, part in enumerate(parts, 1):
        header, _ = udh.split(part)
        assert udh.concat(header) == (0xF7, len(parts), number, False)
        row = Submit()
        row.data_coding, row.esm_class, row.body = coding, 0x40, part
        assert excess(row, reading) == ""
    return parts


def joined(coding: int, parts: list[bytes], reading: Reading = USUAL) -> str:
    return join_text([(coding, udh.split(part)[1]) for part in parts], reading)


@given(GSM_TEXT)
def test_gsm_texts_come_out_as_they_went_in(text: str) -> None:
    body = gsm0338.encode(text)
    parts = parts_of(0, body)
    assert joined(0, parts) == text if len(parts) > 1 else parts == [body]
    assert "".join(decode_text(0, part, 0x40 if len(parts) > 1 else 0) for part in parts) == text


@given(ANY_TEXT)
def test_utf16_texts_come_out_as_they_went_in(text: str) -> None:
    body = text.encode("utf-16-be")
    parts = parts_of(8, body)
    if len(parts) > 1:  # each part can be read alone: no surrogate pair is cut
        assert "".join(udh.split(part)[1].decode("utf-16-be") for part in parts) == text


@given(ANY_TEXT)
@pytest.mark.parametrize("alphabet", ["utf-8", "latin-1"])
def test_other_default_alphabets_come_out_as_they_went_in(alphabet: str, text: str) -> None:
    reading = Reading(alphabet)
    body = text.encode(alphabet, "replace")
    parts = parts_of(0, body, 0, reading)
    if len(parts) > 1:
        assert "".join(udh.split(part)[1].decode(alphabet) for part in parts) == body.decode(alphabet)


@given(st.binary(max_size=900), st.integers(0, 255), st.sampled_from([0, 0x40]))
def test_any_octets_in_any_coding_are_divided_or_are_not(body: bytes, coding: int, esm_class: int) -> None:
    parts = divide(coding, esm_class, body, USUAL, 1)
    if parts is not None and len(parts) > 1:
        text = b"".join(udh.split(part)[1] for part in parts)
        own = udh.split(body)[1] if esm_class else body
        assert text in (own, own.removesuffix(b"\0"))


@pytest.mark.parametrize(
    ("coding", "unit", "one", "each"),
    [
        *[(0, b"a", 160, 153), (0, b"\x1be", 80, 76), (1, b"a", 160, 153), (3, b"[", 80, 76)],
        *[(3, b"\xe6", 160, 153), (3, b"\xfe", 70, 67), (8, b"\x04\x16", 70, 67), (4, b"\xff", 140, 134)],
        *[(8, b"\xd8\x3d\xde\x00", 35, 33), (2, b"\xff", 140, 134), (9, b"a", 140, 134)],
        (1, b"\x1d", 160, 153),  # GSM 03.38 by its control characters
    ],
)
def test_how_much_a_part_holds(coding: int, unit: bytes, one: int, each: int) -> None:
    assert len(parts_of(coding, unit * one)) == 1
    first, second = parts_of(coding, unit * (one + 1))
    assert [len(udh.split(part)[1]) // len(unit) for part in (first, second)] == [each, one + 1 - each]
    assert len(parts_of(coding, unit * each * MOST_PARTS)) == MOST_PARTS
    assert divide(coding, 0, unit * (each * MOST_PARTS + 1), USUAL, 1) is None


def test_ports_stand_in_each_part() -> None:
    parts = parts_of(4, PORTS + b"\xff" * 200, 0x40)
    assert [udh.ports(udh.split(part)[0]) for part in parts] == [(2948, 0), (2948, 0)]
    assert [len(part) for part in parts] == [140, 12 + 200 - 128]


@pytest.mark.parametrize("size", [136, 137, 138, 139, 200])
def test_a_header_that_leaves_no_room_is_not_divided(size: int) -> None:
    header = bytes((size, 0x70, size - 2)) + bytes(size - 2)
    assert divide(0, 0x40, header + b"a" * 100, USUAL, 1) is None
