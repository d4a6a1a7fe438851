"""The GSM default alphabet [GSM 03.38 §6.2.1]."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.protocol.text import gsm0338

ALPHABET = "".join(char for char in gsm0338.BASE if char != "\x1b") + "".join(gsm0338.EXTENSION.values())


def test_the_table_has_128_places_and_no_character_twice() -> None:
    assert len(gsm0338.BASE) == 128
    assert len(set(ALPHABET)) == len(ALPHABET) == 127 + 10


@pytest.mark.parametrize(
    ("char", "octets"),
    [
        *(
            ("@", "00"),
            ("£", "01"),
            ("$", "02"),
            ("Ç", "09"),
            ("\n", "0a"),
            ("\r", "0d"),
            ("_", "11"),
            ("Δ", "10"),
        ),
        *(
            ("Æ", "1c"),
            ("æ", "1d"),
            ("Ø", "0b"),
            ("ø", "0c"),
            ("Å", "0e"),
            ("å", "0f"),
            ("§", "5f"),
            ("¤", "24"),
        ),
        *(
            ("¡", "40"),
            ("¿", "60"),
            ("Ä", "5b"),
            ("ü", "7e"),
            ("à", "7f"),
            ("É", "1f"),
            (" ", "20"),
            ("A", "41"),
        ),
        *(
            ("€", "1b65"),
            ("[", "1b3c"),
            ("]", "1b3e"),
            ("{", "1b28"),
            ("}", "1b29"),
            ("\\", "1b2f"),
            ("^", "1b14"),
        ),
        *(("~", "1b3d"), ("|", "1b40"), ("\f", "1b0a")),
    ],
)
def test_places(char: str, octets: str) -> None:
    assert gsm0338.encode(char).hex() == octets
    assert gsm0338.decode(bytes.fromhex(octets)) == char


@given(st.text(ALPHABET))
def test_every_text_comes_back(text: str) -> None:
    octets = gsm0338.encode(text)
    assert gsm0338.decode(octets) == text
    assert gsm0338.septets(text) == len(octets)
    assert gsm0338.encodable(text)


@given(st.binary())
def test_any_octets_are_some_text(octets: bytes) -> None:
    assert len(gsm0338.decode(octets)) <= len(octets)


@pytest.mark.parametrize("char", ["`", "ç", "á", "ê", "š", "đ", "ŋ", "–", "«", "”", "…", "😀", "\x1b"])
def test_what_is_not_in_the_alphabet(char: str) -> None:
    assert not gsm0338.encodable("a" + char)
    with pytest.raises(ValueError, match="not in the GSM default alphabet"):
        gsm0338.encode("a" + char)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"A\x1b", "A "),
        (b"\x1bA", "A"),
        (b"\x1b\x1bA", " A"),
        (b"A\x80", "A\ufffd"),
        (b"\x00\x00", "@@"),
        (b"\x1b\x80", "\ufffd"),
    ],
)
def test_odd_octets(octets: bytes, text: str) -> None:
    assert gsm0338.decode(octets) == text


@pytest.mark.parametrize(("header", "septets"), [(0, 160), (6, 153), (7, 152), (4, 155), (10, 148)])
def test_capacity(header: int, septets: int) -> None:
    assert gsm0338.capacity(header) == septets
