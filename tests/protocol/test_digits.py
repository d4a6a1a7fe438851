"""Numbers are written and read eight digits at a time: as if they were one by one."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from smsc.protocol.pdu.submit import Submit, parse_submit, put_message, put_number

LARGEST = (1 << 63) - 1
DIGITS = st.text("0123456789", min_size=1, max_size=20)
NEARLY = st.text("0123456789/:;@\x01\xf0", min_size=1, max_size=20)


@given(st.integers(0, 19).flatmap(lambda size: st.integers(0, min(10**size, LARGEST))), st.integers(0, 20))
@example(0, 0)
@example(99_999_999, 1)
@example(100_000_000, 1)
@example(999_999_999, 1)
@example(1_000_000_000, 1)
@example(10**18, 1)
@example(LARGEST, 20)
def test_a_number_is_written_as_its_digits(number: int, length: int) -> None:
    out = bytearray(b"\xff" * 40)
    end = put_number(out, 5, number, length)
    assert out[5:end] == str(number).zfill(length).encode() + b"\0"
    assert set(out[:5] + out[end:]) == {0xFF}


@given(DIGITS | NEARLY, DIGITS)
def test_an_address_is_read_as_its_digits(source: str, destination: str) -> None:
    row = Submit()
    row.source_text, row.dest_text = source.encode("latin-1"), destination.encode()
    buffer = bytearray(400)
    end = put_message(buffer, 0, row, 4, 1, 0x34)
    read = Submit()
    assert parse_submit(bytes(buffer[:end]), 0, end, read, 0x34, False) == 0
    for text, value, length, left in (
        (source, read.source, read.source_length, read.source_text),
        (destination, read.dest, read.dest_length, read.dest_text),
    ):
        plain = len(text) <= 18 and set(text) <= set("0123456789")
        assert (value, length) == (int(text) if plain else -1, len(text))
        assert left == (b"" if plain else text.encode("latin-1"))
