"""The patterns of octets never hide a message: whatever a body decodes to can be found by its words."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from smsc.control.search.octets import FORMS, SIMPLE, octets_of, runs_of
from smsc.control.search.query import fold
from smsc.engine.reading import reading_of
from smsc.protocol.text import gsm0338
from smsc.protocol.text.data_coding import decode_text

ORDINARY = (
    "aAkKiI1 " + gsm0338.BASE.replace("\x1b", "") + "".join(gsm0338.EXTENSION.values()) + "šđŽяKſЯΔσςΣİıKÅ🙂"
)
CODINGS = [coding for coding in range(256) if FORMS[coding]]


@given(
    st.sampled_from([0, 1, 3, 8]) | st.sampled_from(CODINGS),
    st.sampled_from(sorted(SIMPLE)),
    st.binary(max_size=60)
    | st.text(alphabet=ORDINARY, max_size=30).map(lambda text: text.encode("utf-16-be"))
    | st.text(alphabet=gsm0338.BASE.replace("\x1b", ""), max_size=30).map(gsm0338.encode),
    st.data(),
)
@example(0, "gsm0338", b"a\x1bAb", None)
@example(0, "gsm0338", b"a\x1b\x1bb\x1b", None)
@example(0, "gsm0338", b"\x80\xff", None)
@example(8, "ascii", b"\0\0\xd8\0\0\1", None)
@example(8, "ascii", b"\0a\xd8\0\0b\0", None)
def test_no_text_is_hidden(coding: int, default: str, body: bytes, data: st.DataObject | None) -> None:
    stored_as = reading_of({"default_alphabet": default}).default_alphabet
    text = fold(decode_text(coding, body, 0, stored_as))
    start = data.draw(st.integers(0, len(text))) if data else 0
    words = text[start : data.draw(st.integers(start, len(text)))] if data else text
    if words:
        assert octets_of(words)[FORMS[coding]].search(body) is not None
        assert runs_of(words)[FORMS[coding]] in body.lower() or b"\x1b" in body


@given(st.text(alphabet="abcæøå 🙂", min_size=1, max_size=8))
def test_octets_without_the_words_are_passed_by(words: str) -> None:
    for pattern in octets_of(fold(words)).values():
        assert pattern.search(b"0123456789" * 10) is None
