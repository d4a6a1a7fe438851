"""Septets in octets, as on the air [23.038 §6.1.2.1]."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.protocol.text import gsm0338
from smsc.protocol.text.data_coding import GSM_PACKED, decode_text
from smsc.protocol.text.packed import pack, unpack

HEADER = b"\5\0\3\7\2\1"


@pytest.mark.parametrize(
    ("septets", "header", "octets"),
    [
        (b"hellohello", 0, "e8329bfd4697d9ec37"),
        (b"", 0, ""),
        (b"", 6, ""),
        (b"A", 6, "82"),  # one fill bit behind six octets
        (b"A", 7, "41"),  # seven octets end where a septet does
        (b"AB", 3, "101402"),  # four fill bits
        (b"1234567", 0, "31d98c56b3dd00"),  # 7 bits of padding
        (b"12345678", 0, "31d98c56b3dd70"),
        (b"\x1be", 0, "9b32"),
    ],
)
def test_septets_in_octets(septets: bytes, header: int, octets: str) -> None:
    assert pack(septets, header).hex() == octets
    assert unpack(bytes.fromhex(octets), header) == septets


@pytest.mark.parametrize(("count", "header"), [(160, 0), (153, 6), (152, 7), (158, 1)])
def test_what_fits_takes_140_octets(count: int, header: int) -> None:
    assert header + len(pack(b"x" * count, header)) == gsm0338.OCTETS
    assert gsm0338.capacity(header) == count


@given(st.binary(max_size=400), st.integers(0, 140))
def test_septets_come_out_as_they_went_in(octets: bytes, header: int) -> None:
    septets = bytes(octet & 0x7F for octet in octets)
    found = unpack(pack(septets, header), header)
    if found != septets:  # only an @ in the place of seven bits of padding
        assert found + b"\0" == septets


@given(st.binary(max_size=200), st.integers(0, 140))
def test_any_octets_are_read(octets: bytes, header: int) -> None:
    assert len(unpack(octets, header)) <= len(octets) * 8 // 7


def test_an_at_sign_elsewhere_is_one() -> None:
    for count in range(1, 40):
        kept = count - 1 if count % 8 == 0 else count
        assert unpack(pack(b"\0" * count)) == b"\0" * kept


def test_what_is_no_septet_becomes_a_question_mark() -> None:
    assert unpack(pack(b"a\xe6b")) == b"a?b"


@pytest.mark.parametrize("header", [b"", HEADER])
def test_a_text_is_read(header: bytes) -> None:
    body = header + pack(gsm0338.encode("Blåbær 5 €"), len(header))
    assert decode_text(0, body, 0x40 if header else 0, GSM_PACKED) == "Blåbær 5 €"
