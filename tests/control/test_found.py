"""One-time codes and links, as people write them in messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsc.control.search.found import codes, links


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Din engangskode er 482913. Del den ikke med noen.", ["482913"]),
        ("Pakken din er klar. Hentekode 4821.", ["4821"]),
        ("G-123456 is your Google verification code.", ["G-123456"]),
        ("Bruk koden 123 456 innen 10 min", ["123456"]),
        ("<#> Your ExampleApp code is: 123-456\nFA+9qCX9VSu", ["123456"]),
        ("Your code: AB12CD", ["AB12CD"]),
        ("Saldo 5000 kr, pin 9876", ["9876"]),
        ("Kode sendt til 90000001. Koden er 1234", ["1234"]),
        ("Kode 90123456", ["90123456"]),
        ("Logg inn: https://bank.no/x?c=998877. Kode: 5566", ["5566"]),
        ("Your password is 12345678\n\n@bank.example #12345678", ["12345678"]),
        ("Innlogging\n@bank.no #747723", ["747723"]),
        ("747723", ["747723"]),
        ("Passord: hemmelig", []),
        ("Møtet er flyttet til 2026-03-04 kl 12:30", []),
        ("Du har betalt kr 1234", []),
        ("Du har betalt 1234 kr", []),
        ("Ring 90000001", []),
        ("Ring 4790000001", []),
        ("Vi sees i 2027", []),
        ("Sendt til 1234 og 5678", []),
        ("Hei", []),
        ("", []),
    ],
)
def test_codes(text: str, found: list[str]) -> None:
    assert codes(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Se https://bank.no/x?c=1&d=2.", ["https://bank.no/x?c=1&d=2"]),
        ("se bit.ly/3xYz, eller (www.nrk.no).", ["bit.ly/3xYz", "www.nrk.no"]),
        ("https://no.wikipedia.org/wiki/Oslo_(by)", ["https://no.wikipedia.org/wiki/Oslo_(by)"]),
        ("kari@example.no og 1/2 og kl.12/13", []),
        ("https://a.no https://a.no", ["https://a.no"]),
    ],
)
def test_links(text: str, found: list[str]) -> None:
    assert links(text) == found


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert all(any(char.isdigit() for char in code) or "#" in text for code in codes(text))
    assert all(link in text for link in links(text))


@given(st.integers(1000, 99_999_999), st.sampled_from(["Koden er {}", "{} is your code", "PIN: {}."]))
def test_a_number_beside_its_word_is_a_code(number: int, sentence: str) -> None:
    assert codes(sentence.format(number)) == [str(number)]
