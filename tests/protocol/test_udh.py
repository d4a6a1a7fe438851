"""User data headers and concatenation [23.040 §9.2.3.24]."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.protocol.text import udh
from smsc.protocol.text.udh import Concat


@given(st.integers(0, 65535), st.integers(1, 255), st.data(), st.binary())
def test_a_concatenation_comes_back(reference: int, parts: int, data: st.DataObject, text: bytes) -> None:
    part = Concat(reference, parts, data.draw(st.integers(1, parts)), True)
    body = udh.build_concat(part) + text
    assert udh.split(body) == (body[:7], text)
    assert udh.part_of(0x40, body) == part
    narrow = part._replace(reference=reference & 255, wide=False)
    assert udh.part_of(0x40, udh.build_concat(narrow) + text) == narrow


@given(st.binary(max_size=40))
def test_any_header_is_read(body: bytes) -> None:
    header, rest = udh.split(body)
    assert header + rest == body
    udh.elements(header)
    udh.part_of(0x40, body)
    udh.ports(header)


@pytest.mark.parametrize(
    "header",
    [
        "05 00 03 2a 02 00",  # part 0
        "05 00 03 2a 02 03",  # part 3 of 2
        "05 00 03 2a 00 00",  # of none
        "04 00 02 2a 02",  # too short
        "05 00 09 2a 02 01",  # runs past the header
        "06 00 03 2a 02 00 00",
    ],
)
def test_an_impossible_concatenation_is_ignored(header: str) -> None:
    assert udh.concat(bytes.fromhex(header)) is None


def test_the_last_valid_concatenation_counts() -> None:
    header = bytes.fromhex("0f 00 03 01 02 01 08 04 0102 03 02 00 03 05 00 00".replace(" ", ""))
    assert udh.concat(header) == Concat(0x0102, 3, 2, True)


def test_a_header_that_runs_past_the_body_is_none() -> None:
    assert udh.split(b"\x05\x00\x03") == (b"", b"\x05\x00\x03")
    assert udh.split(b"") == (b"", b"")
    assert udh.part_of(0x40, b"\x05\x00\x03") is None


def test_ports() -> None:
    assert udh.ports(bytes.fromhex("060504 23f0 0001".replace(" ", ""))) == (0x23F0, 1)
    assert udh.ports(bytes.fromhex("040402 f0 01".replace(" ", ""))) == (0xF0, 1)
    assert udh.ports(bytes.fromhex("050003 2a 02 01".replace(" ", ""))) is None


def test_sar_counts_only_as_a_complete_triple() -> None:
    triple = [(0x020C, b"\1\2"), (0x020E, b"\3"), (0x020F, b"\2")]
    assert udh.part_of(0, b"text", triple) == Concat(0x0102, 3, 2, True)
    for missing in range(3):
        assert udh.sar(triple[:missing] + triple[missing + 1 :]) is None
    assert udh.sar([*triple[:2], (0x020F, b"\4")]) is None
    assert udh.part_of(0, b"text") is None
