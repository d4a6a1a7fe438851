"""data_coding, texts and parts [SMPP 3.4 §5.2.19, GSM 03.38 §4]."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.protocol.text import gsm0338, udh
from smsc.protocol.text.data_coding import (
    BINARY,
    DEFAULT,
    UCS2,
    alphabet,
    decode_text,
    encode_text,
    fits,
    join_text,
    message_class,
)


@pytest.mark.parametrize(
    ("data_coding", "expected"),
    [
        *((0x00, DEFAULT), (0x01, "ascii"), (0x02, BINARY), (0x03, "latin-1"), (0x04, BINARY), (0x08, UCS2)),
        *((0x06, "iso8859_5"), (0x07, "iso8859_8"), (0x0B, DEFAULT), (0x0F, DEFAULT)),
        *((0x10, DEFAULT), (0x14, BINARY), (0x18, UCS2), (0x1C, DEFAULT), (0x20, BINARY), (0x48, UCS2)),
        *((0xC0, DEFAULT), (0xD0, DEFAULT), (0xE0, UCS2), (0xF0, DEFAULT), (0xF4, BINARY), (0x80, DEFAULT)),
    ],
)
def test_alphabets(data_coding: int, expected: str) -> None:
    assert alphabet(data_coding) == expected


@pytest.mark.parametrize(
    ("data_coding", "expected"),
    [(0, None), (8, None), (0x10, 0), (0x11, 1), (0xF0, 0), (0xF3, 3), (0xC8, None), (0xF6, 2)],
)
def test_message_class(data_coding: int, expected: int | None) -> None:
    assert message_class(data_coding) == expected


@pytest.mark.parametrize(
    ("data_coding", "body", "default", "text"),
    [
        (0, b"\x1c\x0b\x0e \x1d\x0c\x0f", "gsm0338", "ÆØÅ æøå"),
        (0, b"100\x00\x00", "gsm0338", "100@@"),
        (0, "æøå".encode("latin-1"), "latin-1", "æøå"),
        (0, "æøå".encode(), "utf-8", "æøå"),
        (0, b"\xff", "utf-8", "\ufffd"),
        (1, b"Hei", "gsm0338", "Hei"),
        (3, b"\xe6\xf8\xe5", "gsm0338", "æøå"),
        (8, "Hei 😀".encode("utf-16-be"), "gsm0338", "Hei 😀"),
        (8, b"\x00H\x00", "gsm0338", "H\ufffd"),
        (0xF0, b"\x1b\x65", "gsm0338", "€"),
        (4, b"\x01\xff", "gsm0338", "01ff"),
    ],
)
def test_decoding(data_coding: int, body: bytes, default: str, text: str) -> None:
    assert decode_text(data_coding, body, default_alphabet=default) == text


def test_the_header_is_no_text() -> None:
    assert decode_text(0, bytes.fromhex("0500032a0201") + b"Hei", 0x40) == "Hei"


@given(st.integers(0, 255), st.binary(max_size=60), st.integers(0, 255))
def test_any_message_has_some_text(data_coding: int, body: bytes, esm_class: int) -> None:
    assert isinstance(decode_text(data_coding, body, esm_class), str)
    fits(data_coding, esm_class, body)


TEXTS = st.text(st.sampled_from("aæå@€[]😀š \n"), min_size=1, max_size=400)


@given(TEXTS, st.integers(0, 65535), st.booleans())
def test_parts_fit_and_put_together_are_the_text(text: str, reference: int, wide: bool) -> None:
    data_coding, bodies = encode_text(text, reference, wide)
    assert data_coding == (0 if gsm0338.encodable(text) else 8)
    esm_class = 0x40 if len(bodies) > 1 else 0
    assert "".join(decode_text(data_coding, body, esm_class) for body in bodies) == text
    assert all(fits(data_coding, esm_class, body) for body in bodies)
    for number, body in enumerate(bodies, 1):
        found = udh.part_of(esm_class, body)
        assert found == (
            udh.Concat(reference & (65535 if wide else 255), len(bodies), number, wide) if esm_class else None
        )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("a" * 152 + "€" + "a" * 152, 3),  # the escape pair is not cut, so the first part has 152
        ("š" * 70, 1),
        ("š" * 71, 2),
        ("š" * 134, 2),
        ("š" * 135, 3),
        ("š" * 66 + "😀" + "š" * 66, 3),  # nor the surrogate pair
        ("", 1),
    ],
)
def test_how_many_parts(text: str, parts: int) -> None:
    assert len(encode_text(text)[1]) == parts


def test_more_than_255_parts_are_refused() -> None:
    assert len(encode_text("a" * 153 * 255)[1]) == 255
    with pytest.raises(ValueError, match="at most 255"):
        encode_text("a" * (153 * 255 + 1))


@pytest.mark.parametrize(
    ("data_coding", "esm_class", "body", "default", "expected"),
    [
        (0, 0, b"a" * 160, "gsm0338", True),
        (0, 0, b"a" * 161, "gsm0338", False),
        (0, 0x40, bytes.fromhex("0500032a0201") + b"a" * 153, "gsm0338", True),
        (0, 0x40, bytes.fromhex("0500032a0201") + b"a" * 154, "gsm0338", False),
        (4, 0, b"a" * 140, "gsm0338", True),
        (4, 0, b"a" * 141, "gsm0338", False),
        (8, 0, b"\0a" * 70, "gsm0338", True),
        (8, 0, b"\0a" * 71, "gsm0338", False),
        (0, 0, "æ".encode() * 160, "utf-8", True),
        (0, 0, "š".encode() * 70, "utf-8", True),
        (0, 0, "š".encode() * 71, "utf-8", False),
    ],
)
def test_septets_are_counted_not_octets(
    data_coding: int, esm_class: int, body: bytes, default: str, expected: bool
) -> None:
    assert fits(data_coding, esm_class, body, default) is expected


# --- data_coding 1, and pairs cut between parts ---------------------------------------------------


@pytest.mark.parametrize(
    ("body", "means", "text"),
    [
        (b"Hei", "auto", "Hei"),
        (b"a\tb\r\nc", "auto", "a\tb\r\nc"),
        (b"Hei\0", "auto", "Hei"),  # one final NUL
        (b"Hei\0\0", "auto", "Hei@@"),
        (b"bl\x0fb\x1dr", "auto", "blåbær"),
        (b"\x1be 5", "auto", "€ 5"),  # an escape pair
        (b"caf\xe9", "auto", "café"),
        (b"bl\x0fb\x1dr", "ia5", "bl\x0fb\x1dr"),
        (b"$", "gsm", "¤"),
        (b"$", "auto", "$"),
    ],
)
def test_data_coding_1_is_what_the_esme_means(body: bytes, means: str, text: str) -> None:
    assert decode_text(1, body, ia5=means) == text


def test_one_letter_of_gsm_tells_the_whole_text() -> None:
    assert join_text([(1, b"$ 5 for "), (1, b"bl\x0fb\x1dr")]) == "¤ 5 for blåbær"


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (
            [(8, "a".encode("utf-16-be") + b"\xd8\x3e"), (8, b"\xde\xd0" + "b".encode("utf-16-be"))],
            "a\U0001fad0b",
        ),
        ([(0, b"5 \x1b"), (0, b"e")], "5 €"),
        ([(8, b"\0"), (8, b"x")], "x"),
        ([(0, b"Hei "), (8, "på".encode("utf-16-be"))], "Hei på"),
        ([(0, b"\x1b"), (8, b"\0e")], " e"),  # another coding: nothing to join
        ([], ""),
    ],
)
def test_octets_are_joined_before_they_are_read(parts: list[tuple[int, bytes]], text: str) -> None:
    assert join_text(parts) == text
