"""How long a text is in the default alphabet, and which alphabet it needs [23.038 §6.2.1]."""

import pytest

from smsc.services import texts


@pytest.mark.parametrize(
    ("text", "septets"),
    [
        ("", 0),
        ("Hei", 3),
        ("æøåÆØÅ", 6),
        ("€", 2),
        ("{5 €}", 8),
        ("á", None),
        ("Hei, šuma", None),
        ("🙂", None),
    ],
)
def test_septets(text: str, septets: int | None) -> None:
    assert texts.septets(text) == septets
    assert texts.alphabet(text) == ("ucs2" if septets is None else "gsm")
